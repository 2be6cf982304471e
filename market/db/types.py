"""Column types that SQL lacks: whole numbers up to uint256 that stay Python integers."""

from decimal import Decimal
from typing import Any

from sqlalchemy import Dialect, Numeric
from sqlalchemy.types import TypeDecorator


class WholeNumber(TypeDecorator[int]):
    """An unsigned whole number of up to 256 bits: NUMERIC(78, 0) in the database, `int` in Python."""

    impl = Numeric(78, 0)
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> Decimal | None:
        """To the database."""
        return None if value is None else Decimal(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> int | None:
        """From the database."""
        return None if value is None else int(value)
