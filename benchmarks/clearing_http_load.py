"""The load generator of `clearing_http`: connections that each send one prepared batch after the other.

PORT PATH CALLERS BATCH WARM_SECONDS SECONDS HOLD_SECONDS; prints a `Report` as JSON.
"""

import asyncio
import json
import random
import sys
import time
from dataclasses import asdict, dataclass, field

API_KEY = "suanli_bench"
VARIETY = 32
MEBIBYTE = 1 << 20
_ANSWERED = b"HTTP/1.1 200"
_NO_WRITER = b"HTTP/1.1 421"


@dataclass(slots=True)
class Report:
    """What was answered, in how many seconds; seconds of each batch; how many more in warming up."""

    batches: int = 0
    warming: int = 0
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)


def bodies(batch: int, hold_seconds: int) -> list[list[bytes]]:
    """Bodies in three parts, the middle one (the key) left to be filled in; no two items are alike."""
    chance = random.Random(5)
    made = []
    for _ in range(VARIETY):
        items = [_item(chance) for _ in range(batch)]
        rest = json.dumps({"seconds": hold_seconds, "items": items})[1:]
        made.append([b'{"key":"', b'",' + rest.encode()])
    return made


def _item(chance: random.Random) -> dict[str, dict[str, int]]:
    limits = {
        "fuel": chance.randrange(10**9, 20 * 10**9),
        "memoryBytes": chance.randrange(16, 512) * MEBIBYTE,
        "inputBytes": chance.randrange(1, 32) * MEBIBYTE,
        "outputBytes": chance.randrange(1, 8) * MEBIBYTE,
        "wallSeconds": chance.randrange(10, 120),
    }
    names = ("fuel", "memoryFuel", "ingress", "egress")
    return {"limits": limits, "maximum_prices": {name: chance.randrange(10**7, 10**8) for name in names}}


async def call(
    port: int, path: str, number: int, templates: list[list[bytes]], until: float, report: Report
) -> None:
    """One connection's work until `until`."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    turn = 0
    while time.monotonic() < until:
        front, rest = templates[(turn + number) % len(templates)]
        body = front + f"{until}-{number}-{turn}".encode() + rest
        head = (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {API_KEY}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        started = time.monotonic()
        writer.write(head.encode() + body)
        if not await _answered(reader):
            await asyncio.sleep(0.2)
            continue
        report.batches += 1
        report.latencies.append(time.monotonic() - started)
        turn += 1
    writer.close()


async def _answered(reader: asyncio.StreamReader) -> bool:
    """Whether it was; not before there is a writer."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    body = await reader.readexactly(length)
    if not head.startswith((_ANSWERED, _NO_WRITER)):
        raise RuntimeError(body.decode())
    return head.startswith(_ANSWERED)


async def measure(
    port: int, path: str, callers: int, batch: int, seconds: float, hold_seconds: int
) -> Report:
    """All connections at once."""
    report, templates, started = Report(), bodies(batch, hold_seconds), time.monotonic()
    until = started + seconds
    await asyncio.gather(*(call(port, path, one, templates, until, report) for one in range(callers)))
    report.seconds = time.monotonic() - started
    return report


def main(arguments: list[str]) -> None:
    """Warms up, measures, prints."""
    port, path, callers, batch = int(arguments[0]), arguments[1], int(arguments[2]), int(arguments[3])
    warm, seconds, hold_seconds = float(arguments[4]), float(arguments[5]), int(arguments[6])
    while not (warming := asyncio.run(measure(port, path, callers, batch, warm, hold_seconds)).batches):
        continue  # the writer is still looking at its nodes
    report = asyncio.run(measure(port, path, callers, batch, seconds, hold_seconds))
    report.warming = warming
    print(json.dumps(asdict(report)))


if __name__ == "__main__":
    main(sys.argv[1:])
