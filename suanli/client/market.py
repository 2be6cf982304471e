"""`Suanli`: a buyer's connection to one market, with which a program quotes, orders, watches and pays.

Holds the unlocked key for as long as it is open; everything signed is decided in `terms` and `consent`.
"""

import secrets
import time
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from eth_account.signers.local import LocalAccount

from suanli.client.blobs import Blobs, Progress
from suanli.client.books import BuyerBooks, Party
from suanli.client.connection import Connection, Patience
from suanli.client.delegates import Delegates
from suanli.client.funds import Funds
from suanli.client.home import Home, read_deployment
from suanli.client.job import Job, Means
from suanli.client.job_file import read_job_file
from suanli.client.keystore import Keystore, read_secret
from suanli.client.planner import Plan, make_plan
from suanli.client.record import Record
from suanli.client.requirements import specified, wishes
from suanli.client.settlement import Answer, CoSigner
from suanli.client.sign_in import sign_in
from suanli.client.spot import Spot
from suanli.client.terms import make_order, quote_request, terms_of
from suanli.protocol.deployment import same_contracts
from suanli.protocol.eip712 import Domain
from suanli.protocol.errors import ClientError, MarketError
from suanli.protocol.messages import JobOrder
from suanli.protocol.reasons import Reason
from suanli.protocol.signatures import recover, sign
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.accounts import Deployment
from suanli.protocol.wire.common import Signed
from suanli.protocol.wire.jobs import JobRequest, JobView, Quote, QuoteRequest

if TYPE_CHECKING:
    from suanli.client.chain import Chain

JobSource = Path | str | Plan
"""A job file's path, or a plan made from one."""


class Suanli:
    """One buyer at one market. `account` differs from the key's address where the key is its delegate.

    `pinned` is the deployment that the market must serve, where the buyer knows it from elsewhere.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        key: LocalAccount | None = None,
        account: Address | None = None,
        api_key: str | None = None,
        rpc_url: str | None = None,
        home: Home | None = None,
        pinned: Deployment | None = None,
    ) -> None:
        self.connection = connection
        self._key = key
        self._account = account or (key.address if key else None)
        self._api_key = api_key
        self._rpc_url = rpc_url
        self.home = home or Home()
        self._pinned = pinned
        if key is not None or api_key is not None:
            connection.token_source = self._token

    @classmethod
    def connect(
        cls,
        market_url: str,
        *,
        keystore: Path | str | None = None,
        password: str | None = None,
        password_file: Path | str | None = None,
        account: Address | None = None,
        api_key_file: Path | str | None = None,
        rpc_url: str | None = None,
        state: Path | str | None = None,
        deployment: Path | str | None = None,
        patience: Patience | None = None,
    ) -> Self:
        """Connect with an encrypted keystore and, to be sure of contracts and operator, a deployment file.

        Raises ClientError(KEYSTORE_INVALID | SETTINGS_INVALID).
        """
        home = Home(Path(state) if state else None)
        key = None
        if password is not None or password_file is not None:
            secret = password if password is not None else read_secret(Path(str(password_file)))
            key = Keystore(Path(keystore) if keystore else home.only_keystore()).unlock(secret)
        elif keystore is not None:
            raise ClientError(Reason.KEYSTORE_INVALID, f"{keystore}: it takes a password or a password file")
        api_key = read_secret(Path(api_key_file)) if api_key_file else None
        pinned = read_deployment(Path(deployment)) if deployment else None
        connection = Connection(market_url, patience=patience)
        return cls(
            connection, key=key, account=account, api_key=api_key, rpc_url=rpc_url, home=home, pinned=pinned
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give sockets and files back."""
        self.connection.close()
        if "record" in self.__dict__:
            self.record.close()

    @property
    def key(self) -> LocalAccount:
        """The unlocked key. Raises ClientError(KEYSTORE_INVALID) when there is none."""
        if self._key is None:
            raise ClientError(Reason.KEYSTORE_INVALID, "this needs a key: name a keystore")
        return self._key

    @property
    def account(self) -> Address:
        """The account that buys."""
        if self._account is None:
            raise ClientError(Reason.KEYSTORE_INVALID, "this needs an account: name a keystore or an address")
        return self._account

    @cached_property
    def deployment(self) -> Deployment:
        """The contracts and the operator: the market's word, held to the pinned ones where there are any.

        Raises ClientError(WRONG_CHAIN).
        """
        found = self.connection.get("/deployment", Deployment)
        if self._pinned is None:
            return found
        if not same_contracts(found, self._pinned):
            detail = "the market serves other contracts or has another operator than your deployment file"
            raise ClientError(Reason.WRONG_CHAIN, detail)
        return self._pinned if self._pinned.rpc_url else found

    @property
    def domain(self) -> Domain:
        """What every message is signed for."""
        return Domain(chain_id=self.deployment.chain_id, ledger=self.deployment.ledger)

    @cached_property
    def chain(self) -> "Chain | None":
        """The buyer's own view of the chain; None where neither buyer nor market names an RPC address."""
        url = self._rpc_url or self.deployment.rpc_url
        if url is None:
            return None
        from suanli.client.chain import Chain  # web3 takes a second to import

        return Chain(url, self.deployment)

    @cached_property
    def record(self) -> Record:
        """The buyer's own books on this machine."""
        return Record(self.home.record(self.deployment))

    @cached_property
    def books(self) -> BuyerBooks:
        """The record together with the checks that fill it."""
        party = Party(self.account, self.deployment.operator, self.domain)
        return BuyerBooks(party, self.connection, self.record, self._may_sign)

    @cached_property
    def _co_signer(self) -> CoSigner:
        return CoSigner(self.connection, self.books, self.key, lambda: self.chain)

    @property
    def funds(self) -> Funds:
        """Balance, deposit, thaw and withdraw."""
        return Funds(self.connection, self.account, lambda: self.chain)

    @property
    def delegates(self) -> Delegates:
        """Delegations of the account."""
        return Delegates(self.connection, self.domain, lambda: self.chain)

    @property
    def spot(self) -> Spot:
        """Nodes held on the spot, before an order."""
        return Spot(self.connection)

    def plan(self, job: JobSource) -> Plan:
        """The plan of a job file. Raises JobFileError with every finding."""
        plan = job if isinstance(job, Plan) else make_plan(read_job_file(path := Path(job)), path.parent)
        return specified(plan, self.deployment.token_decimals) if wishes(plan.job) else plan

    def quote(self, job: JobSource) -> Quote:
        """What the job costs at most, who may run it, and who is excluded for which reason."""
        return self.connection.post("/quotes", self.quote_request(self.plan(job)), Quote, repeatable=True)

    def quote_request(self, plan: Plan) -> QuoteRequest:
        """The question that `quote` asks."""
        return quote_request(plan, self._account, self.deployment.token_decimals, int(time.time()))

    def submit(
        self,
        job: JobSource,
        *,
        quote: Quote | None = None,
        progress: Progress | None = None,
        folder: Path | None = None,
        holds: Sequence[int] = (),
    ) -> Job:
        """Upload the job's files, sign its order and hand it in. Raises MarketError when it is declined.

        `holds`: what `spot.take` got for its copies, task by task.
        """
        plan = self.plan(job)
        terms = terms_of(plan, quote or self.quote(plan), self.deployment.token_decimals)
        Blobs(self.connection).upload_all(plan.blobs, progress)
        order = make_order(
            plan, terms, self.account, self.deployment.operator, int(time.time()), secrets.randbits(256)
        )
        self.record.add_order(order, plan.spec, folder)
        signed = Signed[JobOrder](message=order, signature=sign(self.key, self.domain, order))
        self._keep_promise(self._hand_in(JobRequest(order=signed, spec=plan.spec, holds=tuple(holds))))
        return self.job(order.id())

    def job(self, id_: Hash) -> Job:
        """A job by its id; nothing is asked yet."""
        return Job(id_, Means(self.connection, self.books, self.settle))

    def jobs(self) -> Iterator[JobView]:
        """The account's jobs, newest first as the market lists them."""
        return self.connection.pages("/jobs", JobView)

    def settle(self) -> list[Answer]:
        """Answer every settlement that waits for the account's signature."""
        return self._co_signer.answer_all()

    def _hand_in(self, request: JobRequest) -> JobView:
        try:
            return self.connection.post("/jobs", request, JobView, repeatable=True)
        except MarketError as error:
            if error.reason is not Reason.MESSAGE_REPLAYED:
                raise
            return self.connection.get(f"/jobs/{request.order.message.id()}", JobView)

    def _keep_promise(self, view: JobView) -> None:
        promise = view.promise
        if promise is None:
            return
        signer = recover(self.domain, promise.message, promise.signature)
        if promise.message.order != view.id or signer != self.deployment.operator:
            detail = f"the promise to include job {view.id} is not the operator's; the job was handed in"
            raise ClientError(Reason.SIGNER_MISMATCH, detail, job=view.id)
        self.record.set_promise(view.id, promise)

    def _may_sign(self, account: Address, signer: Address) -> bool:
        if self._key is not None and signer == self._key.address:
            return True
        return self.chain is not None and self.chain.grant(account, signer).nonce > 0

    def _token(self, connection: Connection) -> str:
        return self._api_key or sign_in(connection, self.key, self.deployment.chain_id)
