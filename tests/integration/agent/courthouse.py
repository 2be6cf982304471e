"""A court with real jurors: agents as their users start them, with a chain's RPC, a store, and no market."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eth_account import Account

from provider_agent.ask_template import default_ask
from provider_agent.chain import Chain
from provider_agent.executors.base import Work
from provider_agent.home import Home
from provider_agent.keys import create_key
from provider_agent.rpc import Rpc
from provider_agent.sealing import make_receipt, random_seed
from provider_agent.settings import write_settings
from suanli.protocol.court import Ruling, places_of
from suanli.protocol.deployment import to_text
from suanli.protocol.documents import BlobReference, JobSpec, TaskSpec, content_hash
from suanli.protocol.evidence import EvidenceBundle
from suanli.protocol.merkle import spec_proof
from tests.integration.agent.bench import Bench, module, run
from tests.integration.agent.grid import Agent, eventually
from tests.integration.audit_court import Court, Struct
from tests.integration.audit_world import STAKE, World
from tests.unit.protocol.bundles import LIMITS, Cast, make_lease

NOBODY = "http://127.0.0.1:1"
GAS_MONEY = 10**18


@dataclass
class Dispute:
    """A challenged claim."""

    id: str
    claim: Struct
    challenge: Struct


@dataclass
class Courthouse:
    """The court of a world, a store of blobs, and jurors of three owners."""

    world: World
    folder: Path
    jurors: list[Agent] = field(default_factory=list)

    @property
    def court(self) -> Court:
        """The court as tests use it by hand."""
        return Court(self.world)

    @property
    def store(self) -> Path:
        """Where claimants serve inputs by their hash."""
        folder = self.folder / "store"
        folder.mkdir(exist_ok=True)
        return folder

    def add_juror(self, gas: int = GAS_MONEY, *, owner_at_home: bool = False) -> Agent:
        """A connected node of an owner of its own, not started; its market is dead."""
        number = len(self.jurors)
        home, owner = Home(self.folder / f"juror-{number}"), Account.from_key(bytes([50 + number]) * 32)
        home.make_folders()
        if owner_at_home:
            owner = create_key(home.owner_keystore, home.owner_password)
        deployment = self.world.deployment.model_copy(update={"development": True})
        home.deployment.write_text(to_text(deployment))
        node = create_key(home.node_keystore, home.node_password)
        write_settings(home, NOBODY, self.world.anvil.rpc_url, owner.address, None)
        home.ask.write_text(default_ask("TSC", cores=2, memory_bytes=1 << 30))
        self.world.endow(owner, 2 * STAKE)
        self.world.connect(Cast(self.world.domain, owner=owner, node=node))
        self.give_gas(node.address, gas)
        made = Agent(home, node, owner, self.folder / f"juror-{number}.log")
        self.jurors.append(made)
        return made

    def give_gas(self, account: str, amount: int = GAS_MONEY) -> None:
        """Money for transactions, in wei."""
        self.world.anvil.rpc("anvil_setBalance", account, hex(amount))

    def start(self, juror: Agent, **environment: str) -> None:
        """Starts a juror that knows the store, and waits until it reads the chain."""
        juror.start(SUANLI_STORES=str(self.store), **environment)
        question = "SELECT value FROM facts WHERE name = 'court_scanned_block'"
        eventually(lambda: juror.query(question) or juror.ended() is not None)

    def kill(self) -> None:
        """Ends every juror."""
        for juror in self.jurors:
            juror.kill()

    def work(self, program: str, *, inputs: dict[str, bytes] | None = None, **lies: Any) -> EvidenceBundle:
        """The evidence of a task that the cast's node ran, with `lies` in its receipt's usage or result."""
        bench = Bench(self.folder / "bench")
        bench.folder.mkdir(exist_ok=True)
        spec = self._spec(module(program), inputs or {})
        job = JobSpec(name="disputed", tasks=[spec])
        cast = self.world.cast
        order, ask = cast.order(job), cast.ask()
        lease = make_lease(order, ask, job, 0)
        done = bench.work(program, arguments=spec.arguments, inputs=inputs, limits=LIMITS)
        result = run(bench, Work(done.folder, spec, LIMITS, done.blobs, random_seed(lease), 60))
        receipt, manifest = make_receipt(lease, spec, result)
        return EvidenceBundle(
            domain=self.world.domain,
            order=cast.signed(cast.buyer, order),
            spec=spec,
            proof=spec_proof(job, 0),
            lease=cast.signed(cast.operator, lease),
            receipt=cast.signed(cast.node, receipt.model_copy(update=lies)),
            manifest=manifest,
            ask=cast.signed(cast.node, ask),
            terms=cast.terms(),
        )

    def publish(self, bundle: EvidenceBundle, *blobs: bytes) -> None:
        """The claimant serves the specification and the inputs by their hash."""
        for data in (bundle.spec.canonical(), *blobs):
            (self.store / content_hash(data)).write_bytes(data)

    def dispute(self, bundle: EvidenceBundle) -> Dispute:
        """The node claims, the operator objects, the panel is drawn."""
        (claim,) = self.court.open_claims([bundle])
        challenge, id_ = self.court.challenge(claim, self.world.cast.operator.address)
        made = Dispute("0x" + id_.hex(), claim, challenge)
        self.draw(made)
        return made

    def draw(self, dispute: Dispute) -> None:
        """The panel of the present round is drawn as soon as its block is there."""
        self.world.later(1)
        self.world.later(1)
        self.world.send("ClaimCourt", "draw", dispute.claim, dispute.challenge)

    def panel(self, dispute: Dispute, round_: int) -> list[str]:
        """The nodes of a drawn panel."""
        id_, registry = bytes.fromhex(dispute.id[2:]), self.world.contract("GridRegistry")
        _, panel = self.world.contract("ClaimCourt").functions.panelOf(id_, round_).call()
        return [registry.functions.nodeAt(place).call()[0] for place in places_of(panel, round_)]

    def wait_for(self, juror: Agent, state: str) -> Any:
        """The row of the juror's duty once it has this state."""
        question = f"SELECT * FROM duties WHERE state = '{state}'"
        rows = eventually(lambda: juror.query(question) or self._must_run(juror))
        return rows[0]

    def resolve(self, dispute: Dispute) -> Ruling:
        """How the dispute ends, when its times are over."""
        hash_ = self.court.resolve(dispute.claim, dispute.challenge)
        (said,) = self.court.events("DisputeResolved", hash_)
        return Ruling(said["ruling"])

    def slashed(self, juror: Agent) -> int:
        """What the juror lost of its stake, in atoms."""
        return STAKE - self._stake(juror.node.address)

    def stake_of_claimant(self) -> int:
        """The stake of the node that claims, in atoms."""
        return self._stake(self.world.cast.node.address)

    def seen_stake_of_claimant(self) -> tuple[int, int]:
        """The same as agents read it: all of it, and what is locked."""

        async def look() -> tuple[int, int]:
            rpc = Rpc(self.world.anvil.rpc_url)
            try:
                return await Chain(rpc, self.world.deployment).stake(self.world.cast.node.address)
            finally:
                await rpc.close()

        return asyncio.run(look())

    def _stake(self, node: str) -> int:
        return int(self.world.contract("GridRegistry").functions.stakeOf(node).call()[0])

    def earned(self, juror: Agent) -> int:
        """What the juror's owner has in the Ledger beyond what was left after staking."""
        balance = self.world.contract("Ledger").functions.accountOf(juror.owner.address).call()[0]
        return int(balance) - STAKE

    def _spec(self, binary: bytes, inputs: dict[str, bytes]) -> TaskSpec:
        references = [
            BlobReference(path=path, hash=content_hash(data), size=len(data)) for path, data in inputs.items()
        ]
        return TaskSpec(
            module=content_hash(binary), module_size=len(binary), arguments=["task"], inputs=references
        )

    def _must_run(self, juror: Agent) -> None:
        with suppress(OSError):
            assert juror.ended() is None, juror.log.read_text()[-2000:]
