"""Expecting a custom error with the very values it must carry."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from brownie.exceptions import VirtualMachineError


@contextmanager
def reverts(error: str, *values: Any) -> Iterator[None]:
    """Fails unless the block reverts with `error(values…)`."""
    try:
        yield
    except VirtualMachineError as reverted:
        expected = f"{error}: {', '.join(_text(value) for value in values)}" if values else f"{error}:"
        actual = (reverted.revert_msg or "").strip()
        assert actual.lower() == expected.lower()
    else:
        raise AssertionError(f"did not revert with {error}")


def _text(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(getattr(value, "address", value))
