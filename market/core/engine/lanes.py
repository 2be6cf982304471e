"""Thirty-two float32 numbers at once, and sets of lanes as bits: what the kernels lack in numba.

Each operation is a few vector instructions of LLVM, which fits them to the processor. None checks that an
index is inside its array.
"""

from collections.abc import Callable
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import cgutils as untyped_cgutils
from numba.core import types
from numba.core.datamodel.models import PrimitiveModel
from numba.extending import intrinsic as numba_intrinsic
from numba.extending import register_model

WIDTH = 32
CACHE_LINE = 64
"""Bytes."""
cgutils: Any = untyped_cgutils
_FLOATS = ir.VectorType(ir.FloatType(), WIDTH)
_WORDS = ir.VectorType(ir.IntType(64), WIDTH)
_BITS = ir.VectorType(ir.IntType(1), WIDTH)
_SET = ir.IntType(WIDTH)


class LanesType(types.Type):
    """Numba's type of thirty-two float32 numbers in registers."""

    def __init__(self) -> None:
        super().__init__(name="Lanes")


LANES = LanesType()
SET = types.uint32


@register_model(LanesType)
class _LanesModel(PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _FLOATS)  # type: ignore[no-untyped-call]


def intrinsic(operation: Callable[..., Any]) -> Callable[..., Any]:
    """numba's decorator, so typed that kernels may call the operation without its typing context."""
    compiled: Callable[..., Any] = numba_intrinsic(operation)
    return compiled


def _address(context: Any, builder: ir.IRBuilder, kind: Any, place: Any, to: Any) -> Any:
    value, row, column = place
    table = context.make_array(kind)(context, builder, value)
    width = cgutils.unpack_tuple(builder, table.shape)[1]
    start = builder.gep(table.data, [builder.add(builder.mul(row, width), column)])
    return builder.bitcast(start, to.as_pointer())


def _splat(builder: ir.IRBuilder, scalar: Any, kind: ir.VectorType) -> Any:
    single = builder.insert_element(ir.Constant(kind, ir.Undefined), scalar, ir.Constant(ir.IntType(32), 0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH)
    return builder.shuffle_vector(single, ir.Constant(kind, ir.Undefined), zeros)


def _call(
    builder: ir.IRBuilder, name: str, result: Any, arguments: list[Any], flags: tuple[str, ...] = ()
) -> Any:
    signature = ir.FunctionType(result, [argument.type for argument in arguments])
    function = cgutils.get_or_insert_function(builder.module, signature, name)
    return builder.call(function, arguments, fastmath=flags)


@intrinsic
def load(typing: Any, table: Any, row: Any, column: Any) -> Any:
    """The lanes at table[row, column:]."""

    def emit(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        place = _address(context, builder, signature.args[0], values, _FLOATS)
        return builder.load(place, align=4)

    return LANES(table, types.intp, types.intp), emit


@intrinsic
def store(typing: Any, lanes: Any, table: Any, row: Any, column: Any) -> Any:
    """Write lanes to table[row, column:]."""

    def emit(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        place = _address(context, builder, signature.args[1], values[1:], _FLOATS)
        builder.store(values[0], place, align=4)
        return context.get_dummy_value()

    return types.void(LANES, table, types.intp, types.intp), emit


@intrinsic
def all_lanes(typing: Any, number: Any) -> Any:
    """The same number in every lane."""

    def emit(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        return _splat(builder, values[0], _FLOATS)

    return LANES(types.float32), emit


@intrinsic
def add_times(typing: Any, lanes: Any, factor: Any, others: Any) -> Any:
    """lanes + factor * others."""

    def emit(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        factor_lanes = _splat(builder, values[1], _FLOATS)
        return _call(builder, "llvm.fmuladd.v32f32", _FLOATS, [factor_lanes, values[2], values[0]])

    return LANES(LANES, types.float32, LANES), emit


@intrinsic
def higher(typing: Any, lanes: Any, others: Any) -> Any:
    """The greater of two numbers in each lane."""

    def emit(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        return builder.select(builder.fcmp_ordered(">", *values), *values)

    return LANES(LANES, LANES), emit


@intrinsic
def at_most(typing: Any, lanes: Any, number: Any) -> Any:
    """The set of lanes with at most `number`."""

    def emit(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        bits = builder.fcmp_ordered("<=", values[0], _splat(builder, values[1], _FLOATS))
        return builder.bitcast(bits, _SET)

    return SET(LANES, types.float32), emit


@intrinsic
def at_least(typing: Any, lanes: Any, number: Any) -> Any:
    """The set of lanes with at least `number`."""

    def emit(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        bits = builder.fcmp_ordered(">=", values[0], _splat(builder, values[1], _FLOATS))
        return builder.bitcast(bits, _SET)

    return SET(LANES, types.float32), emit


@intrinsic
def only(typing: Any, lanes: Any, chosen: Any, otherwise: Any) -> Any:
    """The lanes of a set, and `otherwise` in the rest."""

    def emit(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        bits = builder.bitcast(values[1], _BITS)
        return builder.select(bits, values[0], _splat(builder, values[2], _FLOATS))

    return LANES(LANES, SET, types.float32), emit


@intrinsic
def least(typing: Any, lanes: Any) -> Any:
    """The least number of all lanes."""

    def emit(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        return _call(builder, "llvm.vector.reduce.fmin.v32f32", ir.FloatType(), list(values), ("nnan",))

    return types.float32(LANES), emit


@intrinsic
def most(typing: Any, lanes: Any) -> Any:
    """The greatest number of all lanes."""

    def emit(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        return _call(builder, "llvm.vector.reduce.fmax.v32f32", ir.FloatType(), list(values), ("nnan",))

    return types.float32(LANES), emit


@intrinsic
def covering(typing: Any, table: Any, row: Any, column: Any, wanted: Any) -> Any:
    """The set of lanes whose word at table[row, column:] has all bits of `wanted`."""

    def emit(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        words = builder.load(_address(context, builder, signature.args[0], values[:3], _WORDS), align=8)
        bits = _splat(builder, values[3], _WORDS)
        return builder.bitcast(builder.icmp_signed("==", builder.and_(words, bits), bits), _SET)

    return SET(table, types.intp, types.intp, types.int64), emit


@intrinsic
def first(typing: Any, chosen: Any) -> Any:
    """The lowest lane of a set that is not empty."""

    def emit(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        true = ir.Constant(ir.IntType(1), 1)
        lane = _call(builder, "llvm.cttz.i32", _SET, [values[0], true])
        return builder.zext(lane, ir.IntType(64))

    return types.int64(SET), emit


@intrinsic
def fetch_ahead(typing: Any, table: Any, row: Any, column: Any) -> Any:
    """Have the lanes at table[row, column:] brought near for a load that comes soon."""

    def emit(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        byte = ir.IntType(8)
        place = _address(context, builder, signature.args[0], values, byte)
        options = [ir.Constant(ir.IntType(32), option) for option in (0, 3, 1)]
        for offset in range(0, 4 * WIDTH, CACHE_LINE):
            line = builder.gep(place, [ir.Constant(ir.IntType(64), offset)])
            _call(builder, "llvm.prefetch.p0", ir.VoidType(), [line, *options])
        return context.get_dummy_value()

    return types.void(table, types.intp, types.intp), emit
