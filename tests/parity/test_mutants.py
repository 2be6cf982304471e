"""The faults of the mutation check still apply to the contracts; running them is `make mutants`."""

from pathlib import Path

import pytest

from tools.mutants.faults import Fault, load

ROOT = Path(__file__).resolve().parents[2]
FAULTS = load(ROOT)
SOURCES = [
    path.relative_to(ROOT)
    for path in sorted((ROOT / "contracts").rglob("*.sol"))
    if not {"build", "interfaces", "test"} & set(path.parts) and path.stem not in ("TestToken",)
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_fault_applies_to_the_source(fault: Fault) -> None:
    assert fault.seeded(ROOT) != (ROOT / fault.source).read_text(encoding="utf-8")


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_tests_that_a_fault_names_exist(fault: Fault) -> None:
    assert all((ROOT / "tests/contracts/foundry" / f"{name}.t.sol").is_file() for name in fault.forge)
    assert all((ROOT / "tests/contracts" / path).exists() for path in fault.brownie)


def test_every_source_with_rules_has_faults() -> None:
    assert set(SOURCES) == {fault.source for fault in FAULTS}
