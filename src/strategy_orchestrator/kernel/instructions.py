"""What single instructions do for the plain functions of `compiled` that numba knows no instructions for."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import lower_builtin, type_callable

from strategy_orchestrator.kernel.compiled import prefetch, quotient, sum_or, trailing_zeros


@type_callable(prefetch)
def _typed_prefetch(context: Any) -> Any:
    del context

    def result(array: Any, row: Any, column: Any) -> Any:
        del array, row, column
        return types.none

    return result


@lower_builtin(prefetch, types.Array, types.Integer, types.Integer)
def _lowered_prefetch(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    kind, *kinds = signature.args
    array = context.make_array(kind)(context, builder, arguments[0])
    place = [context.cast(builder, index, of, types.intp) for index, of in zip(arguments[1:], kinds, strict=True)]
    element = cgutils.get_item_pointer(context, builder, kind, array, place, wraparound=False)
    octet, number = ir.IntType(8).as_pointer(), ir.IntType(32)
    signature_of_it = ir.FunctionType(ir.VoidType(), [octet, number, number, number])
    intrinsic = builder.module.declare_intrinsic("llvm.prefetch", [octet], signature_of_it)
    # To be read, and soon, as data.
    builder.call(intrinsic, [builder.bitcast(element, octet), number(0), number(3), number(1)])
    return context.get_dummy_value()


@type_callable(quotient)
def _typed_quotient(context: Any) -> Any:
    del context

    def result(top: Any, bottom: Any) -> Any:
        del top, bottom
        return types.int64

    return result


@lower_builtin(quotient, types.Integer, types.Integer)
def _lowered_quotient(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    top, bottom = (context.cast(builder, *each, types.int64) for each in zip(arguments, signature.args, strict=True))
    return builder.udiv(top, bottom)


@type_callable(trailing_zeros)
def _typed_trailing_zeros(context: Any) -> Any:
    del context

    def result(number: Any) -> Any:
        del number
        return types.int64

    return result


@lower_builtin(trailing_zeros, types.Integer)
def _lowered_trailing_zeros(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    (kind,) = signature.args
    number = context.cast(builder, arguments[0], kind, types.int64)
    return builder.cttz(number, ir.IntType(1)(1))


@type_callable(sum_or)
def _typed_sum_or(context: Any) -> Any:
    del context

    def result(left: Any, right: Any, otherwise: Any) -> Any:
        del left, right, otherwise
        return types.int64

    return result


@lower_builtin(sum_or, types.Integer, types.Integer, types.Integer)
def _lowered_sum_or(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    left, right, otherwise = (
        context.cast(builder, *each, types.int64) for each in zip(arguments, signature.args, strict=True)
    )
    both = builder.sadd_with_overflow(left, right)
    return builder.select(builder.extract_value(both, 1), otherwise, builder.extract_value(both, 0))
