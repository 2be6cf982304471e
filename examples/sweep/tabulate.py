"""Gathers the result.json files of a sweep into a table (Markdown) and a plot (SVG).

Reads results only; knows nothing of where they were computed.
"""

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

WIDTH, HEIGHT, MARGIN = 640, 400, 56
COLOURS = ("#1b6ca8", "#c8553d", "#2a7f62", "#8e5ea2", "#b8860b")


@dataclass(frozen=True, order=True)
class Point:
    """One priced option. Money is in the share's currency."""

    volatility: float
    strike: float
    asian: float
    asian_error: float
    european: float


def read_points(folder: Path) -> list[Point]:
    """The points of every result.json below `folder`, ordered by volatility and strike."""
    return sorted(_point(path) for path in folder.rglob("result.json"))


def _point(path: Path) -> Point:
    result = json.loads(path.read_text())
    asian, european = result["asian"], result["european"]
    return Point(
        result["volatility"], result["strike"], asian["price"], asian["standard_error"], european["price"]
    )


def table(points: list[Point]) -> str:
    """A Markdown table, one line a point."""
    lines = ["| volatility | strike | Asian call | ± | European call |", "|---:|---:|---:|---:|---:|"]
    for point in points:
        prices = f"{point.asian:.4f} | {point.asian_error:.4f} | {point.european:.4f}"
        lines.append(f"| {point.volatility:g} | {point.strike:g} | {prices} |")
    return "\n".join(lines) + "\n"


def plot(points: list[Point]) -> str:
    """An SVG drawing: price of the Asian call over the strike, one curve for each volatility."""
    curves = [
        _curve(points, volatility, COLOURS[i % len(COLOURS)])
        for i, volatility in enumerate(sorted({point.volatility for point in points}))
    ]
    size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    body = "\n".join([*_axes(points), *curves])
    style = 'font-family="sans-serif" font-size="12"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>\n{body}\n</svg>\n'


def _place(points: list[Point], strike: float, price: float) -> tuple[float, float]:
    strikes = [point.strike for point in points]
    span = max(strikes) - min(strikes) or 1.0
    highest = max(point.asian for point in points) or 1.0
    x = MARGIN + (strike - min(strikes)) / span * (WIDTH - 2 * MARGIN - 60)
    return round(x, 1), round(HEIGHT - MARGIN - price / highest * (HEIGHT - 2 * MARGIN), 1)


def _curve(points: list[Point], volatility: float, colour: str) -> str:
    own = [point for point in points if point.volatility == volatility]
    places = [_place(points, point.strike, point.asian) for point in own]
    path = " ".join(f"{x},{y}" for x, y in places)
    x, y = places[-1]
    line = f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
    return f'{line}<text x="{x + 6}" y="{y + 4}" fill="{colour}">σ = {volatility:g}</text>'


def _axes(points: list[Point]) -> list[str]:
    highest = max(point.asian for point in points)
    bottom, title = HEIGHT - MARGIN, escape("Asian call over strike")
    parts = [
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{MARGIN}" y="{MARGIN / 2}" font-size="15">{title}</text>',
        f'<path d="M{MARGIN},{MARGIN} V{bottom} H{WIDTH - MARGIN}" fill="none" stroke="#444"/>',
        f'<text x="{MARGIN - 8}" y="{MARGIN + 4}" text-anchor="end">{highest:.1f}</text>',
        f'<text x="{MARGIN - 8}" y="{bottom + 4}" text-anchor="end">0</text>',
    ]
    for strike in sorted({point.strike for point in points}):
        x, _ = _place(points, strike, 0)
        parts.append(f'<text x="{x}" y="{bottom + 18}" text-anchor="middle">{strike:g}</text>')
    return parts


def main() -> int:
    """Prints the table and writes table.md and plot.svg into the results folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path, help="a folder with result.json files somewhere below")
    folder = parser.parse_args().results
    points = read_points(folder)
    if not points:
        print(f"no result.json below {folder}", file=sys.stderr)
        return 1
    (folder / "table.md").write_text(table(points))
    (folder / "plot.svg").write_text(plot(points))
    print(table(points), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
