"""What the chain said is asked for once in a burst, and borne for a while when the chain falls silent."""

import asyncio

import pytest

from provider_agent.memory import Memory
from suanli.protocol.errors import ChainError
from suanli.protocol.reasons import Reason

TRUST = 600.0


class Chain:
    """Answers with how often it was asked, until it is away."""

    def __init__(self) -> None:
        self.now, self.asked, self.away = 0.0, 0, False
        self.memory = Memory[str, int](TRUST, lambda: self.now)

    async def answer(self, key: str) -> int:
        if self.away:
            raise ChainError(Reason.CHAIN_UNREACHABLE, "away")
        self.asked += 1
        return self.asked

    def get(self, key: str = "balance") -> int:
        return asyncio.run(self.memory.get(key, self.answer))


def test_a_burst_of_questions_costs_one_look() -> None:
    chain = Chain()
    assert [chain.get(), chain.get(), chain.get("epoch")] == [1, 1, 2]
    chain.now = 3.0
    assert chain.get() == 3


def test_a_silent_chain_is_borne_until_its_word_is_too_old() -> None:
    chain = Chain()
    assert chain.get() == 1
    chain.away, chain.now = True, TRUST
    assert chain.get() == 1
    chain.now = TRUST + 1
    with pytest.raises(ChainError):
        chain.get()


def test_what_was_never_said_is_not_made_up() -> None:
    chain = Chain()
    chain.away = True
    with pytest.raises(ChainError):
        chain.get()
