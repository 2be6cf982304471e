"""The market's settings: one frozen value, read from the environment (`SUANLI_…`) once and passed in.

Nothing else in the market reads the environment, and nothing is wired at import time.
"""

from pathlib import Path

from platformdirs import user_data_path
from pydantic import Field, PositiveFloat, PositiveInt, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from suanli.protocol.certificate import Mechanism
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Region
from suanli.protocol.wire.network import Probe

MEBIBYTE = 1 << 20


class Settings(BaseSettings):
    """Everything an operator may choose. Times are seconds, sizes bytes, money atoms (gas money wei)."""

    model_config = SettingsConfigDict(env_prefix="SUANLI_", frozen=True, extra="ignore")

    # where things are
    data_dir: Path = user_data_path("suanli") / "market"
    database_url: str = ""
    """Empty: a PostgreSQL of our own under `data_dir`."""
    rpc_url: str = "http://127.0.0.1:8545"
    deployment_file: Path | None = None
    """`None`: `deployment.json` under `data_dir`."""
    operator_keystore: Path | None = None
    """`None`: `operator.json` under `data_dir`."""
    operator_password_file: Path | None = None
    """`None`: `operator.password` under `data_dir`."""

    # the API
    api_host: str = "127.0.0.1"
    api_port: int = Field(default=8420, ge=0, le=65535)
    public_url: str = ""
    """What people see in a sign-in text; empty: `http://api_host:api_port`."""
    body_maximum_bytes: PositiveInt = 32 * MEBIBYTE
    blob_maximum_bytes: PositiveInt = 1024 * MEBIBYTE
    log_maximum_bytes: PositiveInt = 64 * 1024
    page_maximum: PositiveInt = 200
    long_poll_seconds: PositiveFloat = 20.0
    challenge_seconds: PositiveInt = 300
    session_seconds: PositiveInt = 12 * 3600
    requests_per_minute: PositiveInt = 1200

    # clearing
    epoch_seconds: PositiveFloat = Field(default=1.0, le=30)
    """How long an epoch stays open at least, 1 to 30 seconds; less is for development."""
    clearing_mechanism: Mechanism = Mechanism.SUPPORT
    """The rule of payments; CRITICAL is strictly truthful for buyers and wastes more."""
    store_region: Region | None = None
    """Where the market's own store stands, as nodes call that region."""
    probes: tuple[Probe, ...] = ()
    """Where agents measure their way to other regions: JSON, `[{"region": "eu", "url": …, "bytes": …}]`."""
    network_report_seconds: PositiveInt = 3600
    """What a node measured longer ago counts no more."""
    capacity_rows_maximum: PositiveInt = 20_000
    """Rounds of which the capacity is kept."""

    # the single writer
    writer_url: str = ""
    """Where clients reach this very process when it decides; empty: what `public_url` says."""
    hold_seconds_maximum: PositiveInt = Field(default=300, le=3600)
    open_holds_per_account: PositiveInt = 20_000
    takes_per_second: PositiveInt = 2_000
    """Copies that one account may take, on average over ten seconds."""
    look_seconds: PositiveFloat = 1.0
    """The writer looks for changes of nodes at least so often."""

    # leases
    heartbeat_seconds: PositiveFloat = 3.0
    node_silence_seconds: PositiveFloat = 15.0
    """A node without a sign of life for so long gets nothing and loses what it held."""
    offer_seconds: PositiveFloat = 30.0
    """An offered lease that was not started by then goes to another node."""
    lease_grace_seconds: PositiveInt = 60
    """What a lease's deadline allows on top of the task's wall-clock limit."""
    attempts_maximum: PositiveInt = 5
    leases_per_clearing: PositiveInt = 500
    open_jobs_per_buyer: PositiveInt = 100
    jobs_per_clearing: PositiveInt = 200
    """Where more wait, those that were looked at longest ago come first."""
    sweep_seconds: PositiveFloat = 1.0

    # anchors
    operator_bonded: bool = False
    """Bonds the operator once its account holds the bond. An operator that is bonded anchors in any case."""
    anchor_seconds: PositiveFloat = 5.0

    # settlement
    settlement_seconds: PositiveFloat = 20.0
    silence_seconds: PositiveFloat = 20.0
    """A party that did not sign a proposal by then is left out of it."""
    batch_receipts_maximum: PositiveInt = Field(default=1000, le=1500)
    """More would not fit the gas limit of one transaction (2^24, EIP-7825)."""
    proposals_before_statement: PositiveInt = 2
    """After so many proposals without success a receipt may settle bilaterally."""

    statement_pause_seconds: PositiveInt = 600
    """A statement that came to nothing is proposed again after so long."""

    # the chain
    confirmations: int = Field(default=2, ge=0)
    """Blocks on top of an event before it counts."""
    index_seconds: PositiveFloat = 1.0
    index_blocks_maximum: PositiveInt = 500
    reorganisation_depth: PositiveInt = 128
    """Block hashes kept to find the common ancestor after a reorganisation."""
    relay_seconds: PositiveFloat = 0.5
    fee_bump_seconds: PositiveFloat = 45.0
    """An unmined transaction is sent again, dearer, under the same nonce."""
    retry_maximum_seconds: PositiveFloat = 60.0
    rpc_timeout_seconds: PositiveFloat = 10.0

    deposit_minimum: PositiveInt = 10_000
    """Atoms; a smaller deposit is not worth the gas that its relay costs the operator."""
    relays_per_day: PositiveInt = 20
    """Deposits, and delegations, that are relayed for one account in a day."""

    # development
    development: bool = False
    """Opens the faucet; set only on chains whose money is worth nothing."""
    faucet_atoms: PositiveInt = 1_000_000_000
    faucet_wei: PositiveInt = 10**18

    @property
    def deployment_path(self) -> Path:
        """Where the deployment file lies."""
        return self.deployment_file or self.data_dir / "deployment.json"

    @property
    def operator_keystore_path(self) -> Path:
        """Where the operator's encrypted key lies."""
        return self.operator_keystore or self.data_dir / "operator.json"

    @property
    def operator_password_path(self) -> Path:
        """Where the password of the operator's key lies."""
        return self.operator_password_file or self.data_dir / "operator.password"

    @property
    def blob_path(self) -> Path:
        """The folder of content-addressed blobs."""
        return self.data_dir / "blobs"

    @property
    def postgres_path(self) -> Path:
        """The folder of the embedded PostgreSQL."""
        return self.data_dir / "postgres"

    @property
    def writer_origin(self) -> str:
        """Where clients reach this process when it is the writer."""
        return self.writer_url or self.origin

    @property
    def origin(self) -> str:
        """The market's URL as its users see it."""
        return self.public_url or f"http://{self.api_host}:{self.api_port}"


def load_settings() -> Settings:
    """The settings in the environment. Raises MarketError(SETTINGS_INVALID)."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "SUANLI_" + "_".join(str(part) for part in first["loc"]).upper()
        raise MarketError(Reason.SETTINGS_INVALID, f"{name}: {first['msg']}") from error
