"""`suanli audit`: trace any payment, recompute every balance, save evidence. Needs no account and no key."""

from pathlib import Path
from typing import Annotated

import typer

from suanli.audit.clearing.command import clearing_finding, scrutiny_of
from suanli.audit.command import reporting
from suanli.audit.invariants import invariants
from suanli.audit.session import Sources
from suanli.audit.stores import read_bundle
from suanli.audit.trace import trace
from suanli.protocol.errors import AuditError
from suanli.protocol.identifiers import UrnKind, make_urn, parse_urn
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash

audit_app = typer.Typer(
    name="audit",
    help="Trace any payment and recompute every balance, with nothing but a node of the chain (审计溯源).",
    no_args_is_help=True,
    add_completion=False,
)

DeploymentOption = Annotated[
    Path | None, typer.Option("--deployment", envvar="SUANLI_DEPLOYMENT", help="The deployment file.")
]
RpcOption = Annotated[str | None, typer.Option("--rpc", envvar="SUANLI_RPC", help="A node of the chain.")]
EvidenceOption = Annotated[
    str | None,
    typer.Option("--evidence", envvar="SUANLI_EVIDENCE", help="A folder or URL with evidence bundles."),
]
MarketOption = Annotated[
    str | None,
    typer.Option("--market", envvar="SUANLI_MARKET", help="Asked for what the options above leave out."),
]
FullOption = Annotated[bool, typer.Option("--full", help="Unfold everything, also what is alike.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@audit_app.command("trace")
def trace_command(
    thing: Annotated[
        str, typer.Argument(metavar="ID", help="An urn, transaction, receipt, lease, job, node or account.")
    ],
    evidence: EvidenceOption = None,
    rpc: RpcOption = None,
    deployment: DeploymentOption = None,
    market: MarketOption = None,
    as_json: JsonOption = False,
    full: FullOption = False,
) -> None:
    """Unfold a payment both ways and verify every step. Exit code 0 only when everything held."""
    sources = Sources(deployment, rpc, evidence, market)
    with reporting(as_json, full) as report:
        case = sources.open_case(report.progress)
        report.show(trace(case, thing), case.chain.deployment)


@audit_app.command("invariants")
def invariants_command(
    rpc: RpcOption = None,
    deployment: DeploymentOption = None,
    market: MarketOption = None,
    as_json: JsonOption = False,
) -> None:
    """Recompute every balance, stake and delegation from events and calldata, and compare with the chain."""
    sources = Sources(deployment, rpc, None, market)
    with reporting(as_json) as report:
        chain = sources.open_chain()
        report.show(invariants(chain, report.progress), chain.deployment)


@audit_app.command("clearing")
def clearing_command(
    epoch: Annotated[int, typer.Argument(metavar="EPOCH", min=0, help="The number of a clearing.")],
    full: Annotated[
        bool, typer.Option("--full/--sample", help="Check the bound over all pairs, or over some items.")
    ] = True,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="Draws the sample; by default nobody can foresee it.")
    ] = None,
    better: Annotated[
        Path | None, typer.Option("--better", help="Judge this allocation of the epoch's book instead.")
    ] = None,
    evidence: EvidenceOption = None,
    rpc: RpcOption = None,
    deployment: DeploymentOption = None,
    market: MarketOption = None,
    as_json: JsonOption = False,
) -> None:
    """Recompute a clearing from its book: matches, payments, the gap to the optimum, the leases."""
    sources = Sources(deployment, rpc, evidence, market)
    with reporting(as_json, full=True) as report:
        finding = clearing_finding(sources, epoch, scrutiny_of(full, seed), better)
        report.show(finding, sources.read_deployment())


@audit_app.command("bundle")
def bundle_command(
    receipt: Annotated[str, typer.Argument(metavar="RECEIPT", help="A receipt's id or urn.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file to write.")] = None,
    evidence: EvidenceOption = None,
    market: MarketOption = None,
) -> None:
    """Save the evidence of a receipt, in canonical JSON, as a file that a folder of evidence can hold."""
    with reporting(False) as report:
        id_ = _receipt_id(receipt)
        bundle = read_bundle(Sources(evidence=evidence, market=market).open_store(), id_)
        if bundle is None:
            raise AuditError(Reason.EVIDENCE_MISSING, f"the store has no sound bundle for receipt {id_}")
        target = output or Path(f"{id_}.json")
        target.write_bytes(bundle.canonical())
        report.say(f"{target}: {len(bundle.canonical())} bytes, SHA-256 {bundle.content_hash()}")


def _receipt_id(text: str) -> Hash:
    return parse_urn(text).value if text.startswith("urn:") else make_urn(1, UrnKind.RECEIPT, text).value
