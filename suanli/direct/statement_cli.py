"""`suanli statement`: buyer and node settle between themselves, without operator, fee or market."""

from pathlib import Path
from typing import Annotated

import typer

from suanli.direct.chain import Chain
from suanli.direct.coding import raw, values_of
from suanli.direct.console import Common, address_given, command
from suanli.direct.durable import write_document
from suanli.direct.own_orders import own_orders
from suanli.direct.papers import Papers, read_papers
from suanli.direct.screen import money, table
from suanli.direct.statements import StatementPaper, make_statement, read_statement, require_own_orders
from suanli.protocol.errors import ClientError
from suanli.protocol.reasons import Reason
from suanli.protocol.serials import serials_of
from suanli.protocol.signatures import sign as sign_message
from suanli.protocol.values import Hash

statement_app = typer.Typer(no_args_is_help=True, help="Settle between buyer and node alone.")
Paths = Annotated[list[Path] | None, typer.Argument(help="Your bundle files, or folders of them.")]
Journal = Annotated[Path | None, typer.Option("--journal", help="The agent's journal.")]
File = Annotated[Path, typer.Option("--file", help="The statement on its way.")]


@command(statement_app, "make")
def make(
    common: Common,
    file: File,
    paths: Paths = None,
    journal: Journal = None,
    buyer: Annotated[str | None, typer.Option("--buyer", help="Of several buyers this one's.")] = None,
    node: Annotated[str | None, typer.Option("--node", help="Of several nodes this one's.")] = None,
) -> None:
    """Write the statement over every receipt in your papers that nobody paid. Signs nothing."""
    chain = common.chain()
    chosen = [
        one
        for one in _papers(paths, journal)
        if (buyer is None or one.order.message.buyer == address_given("--buyer", buyer))
        and (node is None or one.lease.message.node == address_given("--node", node))
    ]
    made = make_statement(chain, chosen)
    _write(common, chain, file, made, None)


@command(statement_app, "sign")
def sign(common: Common, file: File, paths: Paths = None, journal: Journal = None) -> None:
    """Make the statement again from your own papers, and sign it if it is the same: as buyer or as node."""
    chain, key, given = common.chain(), common.key(), read_statement(file)
    own = [one for one in _papers(paths, journal) if one.lease.message.id() in given.leases]
    made = make_statement(chain, own)
    if (made.statement, made.marks) != (given.statement, given.marks):
        raise ClientError(Reason.EVIDENCE_CONTRADICTS, f"{file} says something else than your papers")
    parties = {made.statement.buyer: "buyer_signature", made.statement.node: "node_signature"}
    if (place := parties.get(key.address)) is None:
        raise ClientError(Reason.NOT_AUTHORISED, f"{key.address} is neither its buyer nor its node")
    if key.address == made.statement.buyer:
        require_own_orders(chain.domain, key.address, own, own_orders(common.home(), chain.deployment))
    signature = sign_message(key, chain.domain, made.statement)
    _write(common, chain, file, given.model_copy(update={place: signature}), None)


@command(statement_app, "settle")
def settle(common: Common, file: File) -> None:
    """Land a statement that both have signed; anyone may. Repeats are harmless."""
    given = read_statement(file)
    if given.buyer_signature is None or given.node_signature is None:
        raise ClientError(Reason.STATE_CONFLICT, f"{file} is not signed by both sides")
    chain, key = common.acting()
    signatures = raw(given.buyer_signature), raw(given.node_signature)
    hash_ = None
    if not _is_paid(chain, given):
        arguments = values_of(given.statement), raw(given.marks), *signatures
        hash_ = chain.send(key, "Settlement", "settleStatement", *arguments)
    _show(common, chain, given, hash_)


def _papers(paths: list[Path] | None, journal: Path | None) -> list[Papers]:
    return [one for one in read_papers(paths or [], journal) if isinstance(one, Papers)]


def _is_paid(chain: Chain, given: StatementPaper) -> bool:
    """Whether all of its serials are taken; where only some are, the contract names the first."""
    serials = serials_of(raw(given.marks))
    return all(chain.read("Settlement", "isPaid", given.statement.node, one) for one in serials)


def _write(common: Common, chain: Chain, file: Path, made: StatementPaper, transaction: Hash | None) -> None:
    write_document(file, made.model_dump_json(indent=2))
    _show(common, chain, made, transaction)


def _show(common: Common, chain: Chain, made: StatementPaper, transaction: Hash | None) -> None:
    statement = made.statement
    value = {
        "statement": statement.id(),
        "amount": str(statement.amount),
        "receipts": statement.receipts,
        "signed": {"buyer": made.buyer_signature is not None, "node": made.node_signature is not None},
        "transaction": transaction,
    }
    rows = (
        ("buyer", statement.buyer + (", signed" if made.buyer_signature else "")),
        ("node", statement.node + (", signed" if made.node_signature else "")),
        ("payee", statement.payee),
        ("amount", money(statement.amount, chain.deployment)),
        ("receipts", statement.receipts),
    )
    common.show(value, [table(f"statement {statement.id()}", ("what", "value"), rows)])
