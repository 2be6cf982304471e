"""The maps in ARCHITECTURE.md, CONTRIBUTING.md and the front pages lead to places that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md", "README.zh.md"]
FOLDERS = "market|suanli|provider_agent|contracts|tests|docs|examples|tools"
PLACE = re.compile(rf"`((?:{FOLDERS})/[\w/.]+?)(?:: ([^`]+))?`")
LINK = re.compile(r"\]\(([^)#]+)\)")


@pytest.mark.parametrize("page", PAGES)
def test_every_place_named_exists(page: str) -> None:
    text = (ROOT / page).read_text()
    missing = [place for place, _ in PLACE.findall(text) if not (ROOT / place).exists()]
    links = [link for link in LINK.findall(text) if not link.startswith("http")]
    assert [*missing, *(link for link in links if not (ROOT / link).exists())] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_function_named_is_defined_where_the_page_says(page: str) -> None:
    named = [(place, names) for place, names in PLACE.findall((ROOT / page).read_text()) if names]
    pairs = [(place, name.split(".")[-1]) for place, names in named for name in names.split(", ")]
    assert [pair for pair in pairs if not _defines(*pair)] == []


def _defines(place: str, name: str) -> bool:
    return re.search(rf"(def|class|function) {re.escape(name)}\b", (ROOT / place).read_text()) is not None
