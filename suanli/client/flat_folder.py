"""Keeps a flat download from overwriting what it did not write itself for the same job.

The results folder then holds files of others beside those of the job; its summary says which are whose.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from suanli.client.blobs import Download
from suanli.client.job_folder import hash_file
from suanli.protocol.errors import ClientError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash


def check_overwriting(folder: Path, summary: str, job: Hash, downloads: Iterable[Download]) -> None:
    """Raise ClientError(STATE_CONFLICT) if a download would replace a file that is not the job's own."""
    own = written_before(folder / summary, job)
    for one in downloads:
        path = one.target
        if not (path.exists() or path.is_symlink()):
            continue
        found = hash_file(path)[0] if path.is_file() else None
        if found is None or found not in (one.hash, own.get(path.relative_to(folder).as_posix())):
            raise _conflict(f"{path} is there already and was not written by this download")


def written_before(summary: Path, job: Hash) -> dict[str, str]:
    """What earlier downloads of the job wrote: path in the folder to content hash.

    Raises ClientError(STATE_CONFLICT) when the summary is another job's or no summary at all.
    """
    if not summary.exists():
        return {}
    try:
        content = json.loads(summary.read_text("utf-8"))
        if content["job"] == job:
            return {str(path): str(hash_) for path, hash_ in content["written"].items()}
    except (ValueError, LookupError, TypeError, AttributeError, OSError):
        raise _conflict(f"{summary} is there already and is no summary of results") from None
    raise _conflict(f"{summary} is of another job")


def _conflict(detail: str) -> ClientError:
    return ClientError(Reason.STATE_CONFLICT, f"{detail}: take another folder, or results without --flat")
