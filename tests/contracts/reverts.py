"""Expecting a custom error with the very values it must carry."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from brownie.exceptions import VirtualMachineError

ADDRESS_CHARACTERS = 42


@contextmanager
def reverts(error: str, *values: Any) -> Iterator[None]:
    """Fails unless the block reverts with `error(values…)`."""
    try:
        yield
    except VirtualMachineError as reverted:
        expected = f"{error}: {', '.join(_text(value) for value in values)}" if values else f"{error}:"
        actual = (reverted.revert_msg or "").strip()
        assert actual == expected
    else:
        raise AssertionError(f"did not revert with {error}")


def _text(value: Any) -> str:
    """The value as brownie writes it: addresses in small letters, 32 bytes as Python's `bytes`."""
    text = str(getattr(value, "address", value))
    if not text.startswith("0x"):
        return text
    return text.lower() if len(text) == ADDRESS_CHARACTERS else repr(bytes.fromhex(text[2:]))
