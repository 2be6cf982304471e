"""`/blobs`: content-addressed bytes. Who knows the hash may read; what is stored hashes to its name."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, BinaryIO

from fastapi import APIRouter, Header, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from market.api.access import Account
from market.api.context import HashPath, Market
from market.db.blobs import Upload
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash

router = APIRouter(prefix="/blobs", tags=["blobs"])

PREFIX = "/blobs/"
MEDIA_TYPE = "application/octet-stream"
_CHUNK = 1 << 18
_RANGE = re.compile(r"^bytes=([0-9]{1,18})-([0-9]{0,18})$")
_BODY = {"requestBody": {"required": True, "content": {MEDIA_TYPE: {"schema": {"format": "binary"}}}}}
_BYTES: dict[int | str, dict[str, Any]] = {
    200: {"content": {MEDIA_TYPE: {}}},
    206: {"description": "The part that Range asks for."},
}


@router.put("/{hash}", status_code=204, summary="Upload a blob", openapi_extra=_BODY)
async def put_blob(hash: HashPath, caller: Account, runtime: Market, request: Request) -> None:
    """Stores the body, when its SHA-256 is `hash`. What is there already stays as it is."""
    with runtime.blobs.upload() as upload:
        async for chunk in request.stream():
            await run_in_threadpool(upload.write, chunk)
        await run_in_threadpool(_finish, upload, hash)


def _finish(upload: Upload, expected: Hash) -> None:
    upload.finish(expected)


@router.head("/{hash}", summary="Ask whether a blob is there")
def has_blob(hash: HashPath, caller: Account, runtime: Market) -> Response:
    """Its size as Content-Length, or 404."""
    headers = {"Content-Length": str(_size(runtime, hash)), "Accept-Ranges": "bytes"}
    return Response(headers=headers, media_type=MEDIA_TYPE)


@router.get("/{hash}", summary="Download a blob", response_class=StreamingResponse, responses=_BYTES)
def get_blob(
    hash: HashPath, caller: Account, runtime: Market, range: Annotated[str | None, Header()] = None
) -> StreamingResponse:
    """The bytes; with `Range: bytes=N-` those from N on, so that a download can be resumed."""
    size = _size(runtime, hash)
    first, last = _bounds(range, size)
    headers = {"Content-Length": str(last - first + 1), "Accept-Ranges": "bytes"}
    if range is not None:
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    content = _part(runtime.blobs.open(hash), first, last - first + 1)
    status = 200 if range is None else 206
    return StreamingResponse(content, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def _size(runtime: Market, blob: Hash) -> int:
    size = runtime.blobs.size(blob)
    if size is None:
        raise MarketError(Reason.NOT_FOUND, f"there is no blob {blob}")
    return size


def _bounds(range_: str | None, size: int) -> tuple[int, int]:
    """First and last byte, both inside the blob."""
    if range_ is None:
        return 0, size - 1
    match = _RANGE.match(range_)
    first = int(match[1]) if match else size
    last = min(int(match[2]), size - 1) if match and match[2] else size - 1
    if match is None or first > last:
        detail = f"Range {range_[:60]!r} does not fit a blob of {size} bytes"
        raise MarketError(Reason.MESSAGE_MALFORMED, detail)
    return first, last


def _part(source: BinaryIO, first: int, length: int) -> Iterator[bytes]:
    with source:
        source.seek(first)
        while length > 0 and (chunk := source.read(min(_CHUNK, length))):
            length -= len(chunk)
            yield chunk
