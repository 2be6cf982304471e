"""`suanli challenge deliver`: verdicts that jurors sealed and signed, brought to the court by anyone."""

from pathlib import Path
from typing import Annotated

import typer
from eth_account.signers.local import LocalAccount
from pydantic import TypeAdapter, ValidationError

from suanli.direct.chain import Chain
from suanli.direct.coding import raw, values_of
from suanli.direct.console import Common, command
from suanli.direct.durable import write_document
from suanli.protocol.errors import ClientError
from suanli.protocol.messages import VerdictSeal
from suanli.protocol.reasons import Reason
from suanli.protocol.signatures import sign
from suanli.protocol.wire.common import Signed

_SEALS = TypeAdapter(list[Signed[VerdictSeal]])
Files = Annotated[list[Path], typer.Argument(help="What `challenge commit --sign` wrote.")]


def signed_seal(chain: Chain, key: LocalAccount, seal: VerdictSeal) -> Signed[VerdictSeal]:
    """The seal with the juror's signature, which anyone may bring to the court."""
    return Signed[VerdictSeal](message=seal, signature=sign(key, chain.domain, seal))


def write_seals(file: Path, seals: list[Signed[VerdictSeal]]) -> None:
    """Write signed seals for whoever delivers them; they tell nothing of the verdicts. Raises ClientError."""
    write_document(file, _SEALS.dump_json(seals, indent=2).decode())


def read_seals(file: Path) -> list[Signed[VerdictSeal]]:
    """What `write_seals` wrote. Raises ClientError(DOCUMENT_MALFORMED) for anything else."""
    try:
        return _SEALS.validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise ClientError(Reason.DOCUMENT_MALFORMED, f"{file} holds no signed seals: {error}") from error


def mount(app: typer.Typer) -> None:
    """Add `deliver` to `suanli challenge`."""

    @command(app, "deliver")
    def deliver(common: Common, files: Files) -> None:
        """Bring signed seals to the court, all in one transaction. Repeats are harmless."""
        seals = [one for file in files for one in read_seals(file)]
        chain, key = common.acting()
        waiting = [one for one in seals if not _is_sealed(chain, one.message)]
        calls = [
            raw(
                chain.calldata(
                    "ClaimCourt", "commitVerdictBySignature", values_of(one.message), raw(one.signature)
                )
            )
            for one in waiting
        ]
        hash_ = chain.send(key, "ClaimCourt", "multicall", calls) if calls else None
        told = f"{len(calls)} seals by {hash_}" if calls else "all were sealed before"
        common.show({"delivered": len(calls), "transaction": hash_}, [told])


def _is_sealed(chain: Chain, seal: VerdictSeal) -> bool:
    return any(chain.read("ClaimCourt", "verdictOf", raw(seal.dispute), seal.round, seal.seat))
