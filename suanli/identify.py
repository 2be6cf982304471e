"""`suanli id URN`: resolves an identifier (算力标识) and checks it against the chain or its own content."""

from typing import Annotated

import typer

from suanli.audit.cli import DeploymentOption, EvidenceOption, FullOption, JsonOption, MarketOption, RpcOption
from suanli.audit.command import reporting
from suanli.audit.session import Sources
from suanli.audit.trace import trace
from suanli.protocol.identifiers import parse_urn

id_app = typer.Typer(name="id", add_completion=False)


@id_app.command("id")
def id_command(
    urn: Annotated[str, typer.Argument(metavar="URN", help="urn:suanli:<chain id>:<kind>:<hash or address>")],
    evidence: EvidenceOption = None,
    rpc: RpcOption = None,
    deployment: DeploymentOption = None,
    market: MarketOption = None,
    as_json: JsonOption = False,
    full: FullOption = False,
) -> None:
    """Resolve a urn:suanli identifier to signed facts and check them. Exit code 0 only when all held."""
    with reporting(as_json, full) as report:
        known = parse_urn(urn)
        case = Sources(deployment, rpc, evidence, market).open_case(report.progress)
        report.show(trace(case, str(known)), case.chain.deployment)
