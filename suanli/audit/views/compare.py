"""Compares what the books say with what the views say; each difference is named with its owner."""

from collections.abc import Iterable, Iterator
from typing import Any

from suanli.audit.books.state import Books
from suanli.audit.chain import Chain
from suanli.protocol.abi import ContractName
from suanli.protocol.checks import Check, check

Compared = Iterable[tuple[str, Any, Any]]
"""What is compared: whose it is, what the auditor's books say, what the chain says."""


class Views:
    """The views of one deployment at the end of one block, with the books of that moment."""

    def __init__(self, chain: Chain, books: Books, block: int) -> None:
        self.chain, self.books, self.block = chain, books, block

    def __call__(self, contract: ContractName, function: str, *arguments: Any) -> Any:
        """What the view says; several values are a list."""
        said = self.chain.view(contract, function, *arguments, block=self.block)
        return list(said) if isinstance(said, list | tuple) else said


def differences(name: str, compared: Compared) -> Iterator[Check]:
    """One failed check for each difference, or one that says how many were compared."""
    count, wrong = 0, list[Check]()
    for whose, ours, theirs in compared:
        count += 1
        if ours != theirs:
            wrong.append(check(name, False, f"{whose}: {theirs} on chain, {ours} by events and calldata"))
    yield from wrong or [check(name, True, f"{count} compared")]
