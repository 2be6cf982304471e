"""What an audit found: a tree of facts and named checks, from the thing asked for to what it rests on."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from suanli.protocol.checks import Check


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing (a payment, receipt, lease, order, node …), what is known of it and what rests below it."""

    kind: str
    id: str
    facts: dict[str, Any] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    below: tuple["Finding", ...] = ()

    @property
    def passed(self) -> bool:
        """The verdict: every check here and below held."""
        return all(one.passed for one in self.all_checks())

    def all_checks(self) -> Iterator[Check]:
        """The checks of the whole tree, from the top."""
        yield from self.checks
        for finding in self.below:
            yield from finding.all_checks()

    def failed(self) -> list[Check]:
        """What did not hold."""
        return [one for one in self.all_checks() if not one.passed]

    def to_json(self) -> dict[str, Any]:
        """The tree as plain JSON values; whole numbers of atoms are decimal strings."""
        return {
            "kind": self.kind,
            "id": self.id,
            "passed": self.passed,
            "facts": {
                name: str(value) if isinstance(value, int) else value for name, value in self.facts.items()
            },
            "checks": [one.to_json() for one in self.checks],
            "below": [finding.to_json() for finding in self.below],
        }
