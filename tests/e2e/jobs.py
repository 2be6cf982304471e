"""Small job files for the tests: the sweep example cut to size, and programs that misbehave."""

import shutil
from pathlib import Path

import yaml
from wasmtime import wat2wasm

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def sweep(folder: Path, points: int, paths: int) -> Path:
    """A job of `points` tasks, each of about 6.6 fuel per 1 000 of `paths`."""
    shutil.copy(EXAMPLES / "sweep" / "sweep.wasm", folder)
    items = [f"volatility=0.2 strike={80 + point}" for point in range(points)]
    common = ["years=1", "rate=0.03", "steps=32", f"paths={paths}", "seed=1"]
    return write(
        folder, "sweep", "sweep.wasm", ["sweep", "{item}", *common], {"list": items}, fuel="20G", budget="5"
    )


def program(folder: Path, name: str, text: str, **limits: str) -> Path:
    """A job of one task that runs a module given as WebAssembly text."""
    (folder / f"{name}.wasm").write_bytes(wat2wasm(text))
    return write(folder, name, f"{name}.wasm", [name], {"count": 1}, budget="1", **limits)


def write(
    folder: Path,
    name: str,
    module: str,
    command: list[str],
    split: dict[str, object],
    *,
    budget: str,
    fuel: str = "1G",
    wall: str = "30s",
    output: str = "1MiB",
) -> Path:
    """A job file with two replicas of each task."""
    job = {
        "name": name,
        "module": module,
        "command": command,
        "split": split,
        "limits": {"fuel": fuel, "memory": "32MiB", "wall": wall, "output": output},
        "budget": budget,
        "deadline": "5m",
        "verification": {"replicas": 2},
    }
    file = folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump(job))
    return file
