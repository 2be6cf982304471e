"""Where evidence comes from: a folder or an HTTP service. Both are untrusted; what they give is checked.

A folder holds `<receipt id>.json` bundles and `<sha256>` blobs; a service answers as the market does.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import httpx
from pydantic import ValidationError

from suanli.protocol.documents import content_hash
from suanli.protocol.errors import AuditError
from suanli.protocol.evidence import EvidenceBundle
from suanli.protocol.merkle import receipts_root
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash
from suanli.protocol.wire.common import API_PREFIX, Page

_REQUEST_SECONDS = 30
_PAGE = 200


class EvidenceStore(Protocol):
    """A place that may hold bundles and blobs."""

    def bundle_text(self, receipt: Hash) -> bytes | None:
        """The bundle of a receipt as stored, or None."""
        ...

    def receipts_of(self, order: Hash) -> list[Hash]:
        """Receipts that the store says belong to an order: a hint, which may be incomplete."""
        ...

    def receipts_under(self, root: Hash, count: int) -> list[Hash]:
        """The `count` receipts that the store says stand under a statement's root; empty when unknown."""
        ...

    def blob(self, hash_: Hash) -> bytes | None:
        """The blob or document of this SHA-256, or None."""
        ...


class NoStore:
    """Nothing: an audit of the chain alone."""

    def bundle_text(self, receipt: Hash) -> bytes | None:
        """None."""
        return None

    def receipts_of(self, order: Hash) -> list[Hash]:
        """None known."""
        return []

    def receipts_under(self, root: Hash, count: int) -> list[Hash]:
        """None known."""
        return []

    def blob(self, hash_: Hash) -> bytes | None:
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

    def receipts_under(self, root: Hash, count: int) -> list[Hash]:
        """The list in any readable bundle that has this root."""
        lists = ((bundle.statement or [])[:count] for bundle in self._bundles())
        return next((one for one in lists if one and receipts_root(one) == root), [])

    def blob(self, hash_: Hash) -> bytes | None:
        """The file named by the hash."""
        return self._read(hash_)

    def _bundles(self) -> Iterator[EvidenceBundle]:
        for path in sorted(self._folder.glob("0x*.json")):
            bundle = read_bundle(self, path.stem)
            if bundle is not None:
                yield bundle

    def _read(self, name: str) -> bytes | None:
        path = self._folder / name
        return path.read_bytes() if path.is_file() else None


class HttpStore:
    """A market, or anyone who publishes evidence in the same form."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url.rstrip("/"), timeout=_REQUEST_SECONDS)

    def bundle_text(self, receipt: Hash) -> bytes | None:
        """`GET /v1/evidence/{receipt}`."""
        return self._get(f"{API_PREFIX}/evidence/{receipt}")

    def receipts_of(self, order: Hash) -> list[Hash]:
        """`GET /v1/evidence?order=…`, page by page."""
        return self._pages(f"order={order}")

    def receipts_under(self, root: Hash, count: int) -> list[Hash]:
        """`GET /v1/evidence?statement=…`, page by page."""
        return self._pages(f"statement={root}")[:count]

    def blob(self, hash_: Hash) -> bytes | None:
        """`GET /v1/clearings/{hash}`, else `GET /v1/blobs/{hash}`, whichever has these very bytes."""
        places = (f"{API_PREFIX}/clearings/{hash_}", f"{API_PREFIX}/blobs/{hash_}")
        found = (self._get(place) for place in places)
        return next((data for data in found if data is not None and content_hash(data) == hash_), None)

    def _pages(self, query: str) -> list[Hash]:
        found: list[Hash] = []
        after: str | None = ""
        while after is not None:
            text = self._get(f"{API_PREFIX}/evidence?{query}&limit={_PAGE}" + (after and f"&after={after}"))
            page = _page(text)
            found, after = found + page.items, page.next
        return found

    def _get(self, path: str) -> bytes | None:
        try:
            answer = self._client.get(path)
        except httpx.HTTPError as error:
            raise AuditError(
                Reason.MARKET_UNREACHABLE, f"the evidence store does not answer: {error}"
            ) from error
        return answer.content if answer.status_code == httpx.codes.OK else None


def _page(text: bytes | None) -> Page[Hash]:
    if text is None:
        return Page[Hash](items=[])
    try:
        return Page[Hash].model_validate_json(text)
    except ValidationError as error:
        raise AuditError(Reason.DOCUMENT_MALFORMED, f"the store's list of receipts: {error}") from error


def open_store(place: str | None) -> EvidenceStore:
    """The store at a folder or URL; None gives an empty one."""
    if not place:
        return NoStore()
    return HttpStore(place) if place.startswith(("http://", "https://")) else FolderStore(Path(place))


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
