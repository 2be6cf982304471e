"""How long `make demo` takes: in an empty clone with cold caches, and again in the same clone."""

import os
import subprocess
import tempfile
import time
from pathlib import Path


def run() -> list[dict[str, object]]:
    """`demo.fresh_seconds` (setup included, package caches empty) and `demo.warm_seconds`."""
    root = Path(__file__).resolve().parents[1]
    with tempfile.TemporaryDirectory(prefix="suanli-demo-") as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(root), str(clone)], check=True)
        caches = {"UV_CACHE_DIR": f"{folder}/uv", "npm_config_cache": f"{folder}/npm"}
        fresh, warm = _seconds(clone, caches), _seconds(clone, caches)
    conditions = f"{os.cpu_count()} cores; clone of HEAD; caches of uv and npm empty before the first run"
    return [
        {"name": "demo.fresh_seconds", "value": fresh, "unit": "s", "conditions": conditions},
        {"name": "demo.warm_seconds", "value": warm, "unit": "s", "conditions": "the same clone, second run"},
    ]


def _seconds(clone: Path, caches: dict[str, str]) -> float:
    kept = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL")}
    started = time.monotonic()
    subprocess.run(["make", "demo"], cwd=clone, env={**kept, **caches}, check=True, stdout=subprocess.DEVNULL)
    return round(time.monotonic() - started, 1)
