"""The example modules run in plain wasmtime, with nothing of Suanli, and their results are right."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from statistics import NormalDist, pstdev

import pytest
from PIL import Image, ImageDraw

from examples import build
from examples.photos.collect import TITLES, PhotosMissing, collect
from examples.run_plain import Program, Run, load
from examples.sweep.tabulate import plot, read_points, table

Task = Callable[..., Run]
WASI = "wasi_snapshot_preview1"
UNPREDICTABLE = ("clock", "random", "sock", "poll", "environ", "sched")


@pytest.fixture(scope="session")
def programs() -> dict[str, Program]:
    return {name: load(build.EXAMPLES / build.module_path(name)) for name in build.NAMES}


@pytest.fixture
def task(programs: dict[str, Program], tmp_path: Path) -> Task:
    """Runs an example with the test's own folder as its file system."""
    (tmp_path / "in").mkdir()

    def run(name: str, *arguments: str) -> Run:
        return programs[name].run(tmp_path, [name, *arguments])

    return run


def noisy_photo(path: Path, size: tuple[int, int]) -> Image.Image:
    """A lossless picture: dark left half, bright right half, grain over both."""
    photo = Image.new("RGB", size, (60, 70, 80))
    ImageDraw.Draw(photo).rectangle((size[0] // 2, 0, *size), fill=(180, 170, 150))
    grain = Image.effect_noise(size, 16).convert("RGB")
    photo = Image.blend(photo, grain, 0.4)
    photo.save(path, "PNG")
    return photo


def luma_spread(picture: Image.Image) -> float:
    return pstdev(picture.convert("L").tobytes())


# hello


def test_hello_greets_arguments_and_every_line_of_its_input(task: Task, tmp_path: Path) -> None:
    (tmp_path / "in/names.txt").write_text("Grace\n\n秦九韶\r\n")
    result = task("hello", "Ada")
    assert result.exit_code == 0
    assert (tmp_path / "out/hello.txt").read_text() == "Hello, Ada!\nHello, Grace!\nHello, 秦九韶!\n"
    assert result.log == (tmp_path / "out/hello.txt").read_text()


# photos


@pytest.mark.parametrize(
    ("size", "expected"), [((900, 600), (480, 320)), ((500, 1000), (240, 480)), ((300, 200), (300, 200))]
)
def test_thumbnail_fits_480_pixels_and_is_never_enlarged(
    task: Task, tmp_path: Path, size: tuple[int, int], expected: tuple[int, int]
) -> None:
    noisy_photo(tmp_path / "in/photo.jpg", size)
    assert task("photos", "develop", "in/photo.jpg", "out/a", "1").exit_code == 0
    assert Image.open(tmp_path / "out/a-thumb.jpg").size == expected
    assert Image.open(tmp_path / "out/a.jpg").size == size


def test_report_holds_the_same_histogram_and_levels_as_an_independent_count(
    task: Task, tmp_path: Path
) -> None:
    photo = noisy_photo(tmp_path / "in/photo.jpg", (400, 300))
    task("photos", "develop", "in/photo.jpg", "out/a", "0")
    report = json.loads((tmp_path / "out/a.json").read_text())
    lumas = sorted(photo.convert("L").tobytes())
    clipped = len(lumas) * 5 // 1000
    assert report["histogram_before"] == photo.convert("L").histogram()
    assert (report["width"], report["height"]) == (400, 300)
    assert (report["black_point"], report["white_point"]) == (lumas[clipped], lumas[-1 - clipped])
    assert sum(report["histogram_after"]) == 400 * 300


def test_developing_removes_grain_and_keeps_the_edge(task: Task, tmp_path: Path) -> None:
    photo = noisy_photo(tmp_path / "in/photo.jpg", (400, 300))
    task("photos", "develop", "in/photo.jpg", "out/a", "5")
    developed = Image.open(tmp_path / "out/a.jpg")
    flat, edge = (20, 20, 160, 280), (190, 20, 210, 280)
    grain_before = luma_spread(photo.crop(flat)) / luma_spread(photo.crop(edge))
    grain_after = luma_spread(developed.crop(flat)) / luma_spread(developed.crop(edge))
    assert grain_after < grain_before / 3


def test_contact_sheet_shows_every_picture_in_the_order_of_names(task: Task, tmp_path: Path) -> None:
    colours = [(200, 40, 40), (40, 160, 40), (40, 40, 200), (200, 180, 40), (30, 30, 30)]
    for name, colour in zip("abcde", colours, strict=True):
        Image.new("RGB", (480, 320), colour).save(tmp_path / f"in/{name}-thumb.jpg")
    (tmp_path / "in/notes.txt").write_text("no picture")
    assert task("photos", "sheet", "in", "out/contact-sheet.jpg").exit_code == 0
    sheet = Image.open(tmp_path / "out/contact-sheet.jpg")
    assert sheet.size == (24 + 3 * 504, 24 + 2 * 536)
    for i, colour in enumerate(colours):
        seen = sheet.getpixel((24 + i % 3 * 504 + 240, 24 + i // 3 * 536 + 240))
        assert isinstance(seen, tuple)
        assert all(abs(a - b) < 6 for a, b in zip(seen, colour, strict=True))


def test_a_file_that_is_no_photo_fails_with_a_reason_and_no_output(task: Task, tmp_path: Path) -> None:
    (tmp_path / "in/photo.jpg").write_text("not a photo")
    result = task("photos", "develop", "in/photo.jpg", "out/a")
    assert result.exit_code == 1
    assert "cannot read in/photo.jpg" in result.log
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    "arguments", [(), ("develop", "in/photo.jpg"), ("develop", "a", "b", "21"), ("sheet",)]
)
def test_photos_explains_itself_when_called_wrongly(task: Task, arguments: tuple[str, ...]) -> None:
    result = task("photos", *arguments)
    assert result.exit_code == 2
    assert "usage:" in result.log


def test_the_installed_photographs_are_real_jpegs(tmp_path: Path) -> None:
    photos = collect(tmp_path / "photos")
    assert [photo.stem for photo in photos] == list(TITLES)
    assert all(Image.open(photo).format == "JPEG" and max(Image.open(photo).size) == 1024 for photo in photos)


def test_collecting_names_the_package_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(PhotosMissing, match="datasets-img-acanthus-mollis"):
        collect(tmp_path / "photos", packages=tmp_path)
    assert not (tmp_path / "photos").exists()


# sweep


def black_scholes_call(
    spot: float, strike: float, rate: float, volatility: float, years: float, carry: float
) -> float:
    """Price of a European call; `carry` is the share's own growth rate, equal to `rate` without dividends."""
    spread = volatility * math.sqrt(years)
    upper = (math.log(spot / strike) + (carry + volatility**2 / 2) * years) / spread
    normal = NormalDist().cdf
    return spot * math.exp((carry - rate) * years) * normal(upper) - strike * math.exp(
        -rate * years
    ) * normal(upper - spread)


def geometric_asian_call(
    spot: float, strike: float, rate: float, volatility: float, years: float, steps: int
) -> float:
    """Closed form for the geometric mean (Kemna and Vorst, 1990): less than for the arithmetic mean."""
    log_mean = math.log(spot) + (rate - volatility**2 / 2) * years * (steps + 1) / (2 * steps)
    log_variance = volatility**2 * years * (steps + 1) * (2 * steps + 1) / (6 * steps**2)
    spread = math.sqrt(log_variance)
    upper = (log_mean - math.log(strike) + log_variance) / spread
    normal = NormalDist().cdf
    forward = math.exp(log_mean + log_variance / 2)
    return math.exp(-rate * years) * (forward * normal(upper) - strike * normal(upper - spread))


@pytest.mark.parametrize(("volatility", "strike"), [(0.1, 100), (0.2, 90), (0.4, 120)])
def test_simulated_prices_agree_with_the_closed_forms(
    task: Task, tmp_path: Path, volatility: float, strike: float
) -> None:
    task(
        "sweep", f"volatility={volatility} strike={strike}", "rate=0.03", "steps=16", "paths=100000", "seed=3"
    )
    result = json.loads((tmp_path / "out/result.json").read_text())
    european, asian = result["european"], result["asian"]
    exact = black_scholes_call(100, strike, 0.03, volatility, 1, carry=0.03)
    assert abs(european["price"] - exact) < 4 * european["standard_error"]
    assert 0 < european["standard_error"] < 0.02 * 100
    floor = geometric_asian_call(100, strike, 0.03, volatility, 1, 16)
    assert floor - 4 * asian["standard_error"] < asian["price"] < floor * 1.1 + 4 * asian["standard_error"]


def test_without_volatility_the_price_is_exact(task: Task, tmp_path: Path) -> None:
    task("sweep", "volatility=0", "strike=90", "rate=0.05", "years=2", "steps=4", "paths=10")
    result = json.loads((tmp_path / "out/result.json").read_text())
    mean = sum(100 * math.exp(0.05 * 0.5 * step) for step in range(1, 5)) / 4
    assert result["asian"]["price"] == pytest.approx(math.exp(-0.1) * (mean - 90), rel=1e-12)
    assert result["european"]["price"] == pytest.approx(100 - 90 * math.exp(-0.1), rel=1e-12)


@pytest.mark.parametrize(
    "setting", ["paths=1", "paths=2.5", "volatility=nan", "strike=x", "speed=1", "strike"]
)
def test_sweep_refuses_a_setting_it_cannot_use(task: Task, tmp_path: Path, setting: str) -> None:
    result = task("sweep", setting)
    assert result.exit_code == 2
    assert setting in result.log
    assert list((tmp_path / "out").iterdir()) == []


def test_collected_results_make_a_table_and_a_plot(task: Task, tmp_path: Path) -> None:
    for strike in ("110", "90"):
        task("sweep", f"strike={strike}", "paths=1000")
        target = tmp_path / "results" / strike
        target.mkdir(parents=True)
        (tmp_path / "out/result.json").rename(target / "result.json")
    points = read_points(tmp_path / "results")
    assert [point.strike for point in points] == [90, 110]
    assert f"| 0.2 | 110 | {points[1].asian:.4f} |" in table(points)
    assert plot(points).count("<polyline") == 1


# all three


CALLS = {
    "hello": ("Ada", "秦九韶"),
    "photos": ("develop", "in/photo.jpg", "out/a", "2"),
    "sweep": ("volatility=0.3 strike=105", "paths=5000"),
}


@pytest.mark.parametrize("name", build.NAMES)
def test_two_runs_give_equal_bytes_and_equal_fuel(task: Task, tmp_path: Path, name: str) -> None:
    collect(tmp_path / "photos")[0].rename(tmp_path / "in/photo.jpg")
    seen = []
    for _ in range(2):
        run = task(name, *CALLS[name])
        files = {path.name: path.read_bytes() for path in sorted((tmp_path / "out").iterdir())}
        seen.append((run.exit_code, run.fuel, run.log, files))
        for path in (tmp_path / "out").iterdir():
            path.unlink()
    assert seen[0] == seen[1]
    exit_code, fuel, _, files = seen[0]
    assert exit_code == 0
    assert fuel > 1000
    assert files


@pytest.mark.parametrize("name", build.NAMES)
def test_modules_ask_for_nothing_that_differs_between_machines(
    programs: dict[str, Program], name: str
) -> None:
    imports = programs[name].module.imports
    assert {item.module for item in imports} == {WASI}
    assert [item.name for item in imports if str(item.name).startswith(UNPREDICTABLE)] == []


def test_committed_modules_are_what_their_sources_build_to() -> None:
    assert build.stale() == []
