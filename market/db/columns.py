"""Column types of the market's tables: whole numbers, states, and signed messages kept as JSON.

A row gives back the very value it was given: a `JobOrder` column yields a `JobOrder`.
"""

from decimal import Decimal
from enum import Enum
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect

_DIGITS_OF_UINT256 = 78
_LONGEST_STATE = 32


class Whole(sa.types.TypeDecorator[int]):
    """A whole number of up to 256 bits (money, nonces, seconds that somebody signed)."""

    impl = sa.Numeric(_DIGITS_OF_UINT256, 0)
    cache_ok = True

    def process_result_value(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """A Python int, never a Decimal."""
        return None if value is None else int(value)


class Json(sa.types.TypeDecorator[Any]):
    """A frozen pydantic value (a message, a document) as JSONB."""

    impl = postgresql.JSONB
    cache_ok = True

    def __init__(self, model: type[BaseModel]) -> None:
        super().__init__(none_as_null=True)
        self.model = model

    def process_bind_param(self, value: BaseModel | None, dialect: Dialect) -> Any:
        """Plain JSON; whole numbers over 32 bits are decimal strings."""
        return None if value is None else value.model_dump(mode="json")

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """The value, checked again by its model."""
        return None if value is None else self.model.model_validate(value)


def whole(*, nullable: bool = False, index: bool = False, default: int | None = None) -> Any:
    """A column of whole numbers."""
    text = None if default is None else str(default)
    return sa.Column(Whole, nullable=nullable, index=index, default=default, server_default=text)


def json(model: type[BaseModel], *, nullable: bool = False) -> Any:
    """A column of messages or documents."""
    return sa.Column(Json(model), nullable=nullable)


def state(states: type[Enum], *, nullable: bool = False, index: bool = False) -> Any:
    """A column of one enumeration's members, kept by name as text."""
    return sa.Column(
        sa.Enum(states, native_enum=False, length=_LONGEST_STATE),
        nullable=nullable,
        index=index,
    )
