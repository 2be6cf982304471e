"""Evidence from a market, or from anyone who publishes it in the same form. Nothing it says is believed.

Waits when the service asks for it; reads only what is public.
"""

import time
from pathlib import Path

import httpx
from pydantic import ValidationError

from suanli.audit.stores import EvidenceStore, FolderStore, NoStore
from suanli.protocol.documents import content_hash
from suanli.protocol.errors import AuditError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash
from suanli.protocol.wire.common import API_PREFIX, Page

_REQUEST_SECONDS = 30
_PAGE = 100
_ATTEMPTS = 4
_LONGEST_WAIT_SECONDS = 60


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

    def receipts_named(self, reference: str) -> list[Hash]:
        """`GET /v1/evidence?reference=…`, page by page."""
        return self._pages(f"reference={reference}")

    def receipts_under(self, root: Hash, count: int) -> list[Hash]:
        """`GET /v1/evidence?statement=…`, page by page."""
        return self._pages(f"statement={root}")[:count]

    def blob(self, hash_: Hash) -> bytes | None:
        """`GET /v1/clearings/{hash}`, else `GET /v1/blobs/{hash}`, whichever has these very bytes."""
        places = (f"{API_PREFIX}/clearings/{hash_}", f"{API_PREFIX}/blobs/{hash_}")
        found = (self._get(place) for place in places)
        return next((data for data in found if data is not None and content_hash(data) == hash_), None)

    def anchor_text(self, epoch: int) -> bytes | None:
        """`GET /v1/clearings/{epoch}/anchor`."""
        return self._get(f"{API_PREFIX}/clearings/{epoch}/anchor")

    def _pages(self, query: str) -> list[Hash]:
        found: list[Hash] = []
        after: str | None = ""
        while after is not None:
            text = self._get(f"{API_PREFIX}/evidence?{query}&limit={_PAGE}" + (after and f"&after={after}"))
            page = _page(text)
            found, after = found + page.items, page.next
        return found

    def _get(self, path: str) -> bytes | None:
        """The body; None when the store has no such thing or does not show it to strangers."""
        for _ in range(_ATTEMPTS):
            answer = self._ask(path)
            if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
                break
            time.sleep(_wait_seconds(answer))
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.is_server_error:
            raise _silent(f"status {answer.status_code}")
        return answer.content if answer.status_code == httpx.codes.OK else None

    def _ask(self, path: str) -> httpx.Response:
        try:
            return self._client.get(path)
        except httpx.HTTPError as error:
            raise _silent(str(error)) from error


def _wait_seconds(answer: httpx.Response) -> int:
    said = answer.headers.get("Retry-After", "")
    return min(int(said), _LONGEST_WAIT_SECONDS) if said.isdigit() else 1


def _silent(why: str) -> AuditError:
    return AuditError(Reason.MARKET_UNREACHABLE, f"the evidence store does not answer: {why}")


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
