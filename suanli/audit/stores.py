"""Where evidence comes from: a folder (here) or an HTTP service (`http_store.py`). Both are untrusted.

A folder holds bundles as `<receipt id>.json`, blobs and documents as `<SHA-256>`, anchors as
`anchor-<epoch>.json`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from suanli.protocol.errors import AuditError
from suanli.protocol.evidence import EvidenceBundle
from suanli.protocol.merkle import receipts_root
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash


class EvidenceStore(Protocol):
    """A place that may hold bundles and blobs."""

    def bundle_text(self, receipt: Hash) -> bytes | None:
        """The bundle of a receipt as stored, or None."""
        ...

    def receipts_of(self, order: Hash) -> list[Hash]:
        """Receipts that the store says belong to an order: a hint, which may be incomplete."""
        ...

    def receipts_named(self, reference: str) -> list[Hash]:
        """Receipts whose ids begin with a reference: of a batch's tasks, the chain knows no more."""
        ...

    def receipts_under(self, root: Hash, count: int) -> list[Hash]:
        """The `count` receipts that stand under the root of a statement or root batch; empty when unknown."""
        ...

    def blob(self, hash_: Hash) -> bytes | None:
        """The blob or document of this SHA-256, or None."""
        ...

    def anchor_text(self, epoch: int) -> bytes | None:
        """The operator's signed anchor of an epoch as stored, or None."""
        ...


class NoStore:
    """Nothing: an audit of the chain alone."""

    def bundle_text(self, receipt: Hash) -> bytes | None:
        """None."""
        return None

    def receipts_of(self, order: Hash) -> list[Hash]:
        """None known."""
        return []

    def receipts_named(self, reference: str) -> list[Hash]:
        """None known."""
        return []

    def receipts_under(self, root: Hash, count: int) -> list[Hash]:
        """None known."""
        return []

    def blob(self, hash_: Hash) -> bytes | None:
        """None."""
        return None

    def anchor_text(self, epoch: int) -> bytes | None:
        """None."""
        return None


class FolderStore:
    """Files that somebody saved."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise AuditError(Reason.EVIDENCE_MISSING, f"{folder} is not a folder")
        self._folder = folder

    def bundle_text(self, receipt: Hash) -> bytes | None:
        """The file `<receipt>.json`."""
        return self._read(f"{receipt}.json")

    def receipts_of(self, order: Hash) -> list[Hash]:
        """The receipts of every readable bundle whose lease names the order."""
        return [
            bundle.receipt.message.id() for bundle in self._bundles() if bundle.lease.message.order == order
        ]

    def receipts_named(self, reference: str) -> list[Hash]:
        """The names of the files that begin so."""
        return [path.stem for path in sorted(self._folder.glob(f"{reference}*.json"))]

    def receipts_under(self, root: Hash, count: int) -> list[Hash]:
        """The list in any readable bundle that has this root."""
        lists = (bundle.statement or [] for bundle in self._bundles())
        return next((one for one in lists if len(one) == count and receipts_root(one) == root), [])

    def blob(self, hash_: Hash) -> bytes | None:
        """The file named by the hash."""
        return self._read(hash_)

    def anchor_text(self, epoch: int) -> bytes | None:
        """The file `anchor-<epoch>.json`."""
        return self._read(f"anchor-{epoch}.json")

    def _bundles(self) -> Iterator[EvidenceBundle]:
        for path in sorted(self._folder.glob("0x*.json")):
            bundle = read_bundle(self, path.stem)
            if bundle is not None:
                yield bundle

    def _read(self, name: str) -> bytes | None:
        path = self._folder / name
        return path.read_bytes() if path.is_file() else None


def read_bundle(store: EvidenceStore, receipt: Hash) -> EvidenceBundle | None:
    """The bundle of a receipt when the store holds one that is well-formed and for that receipt."""
    text = store.bundle_text(receipt)
    if text is None:
        return None
    try:
        bundle = EvidenceBundle.parse(text)
    except ValidationError:
        return None
    return bundle if bundle.receipt.message.id() == receipt else None
