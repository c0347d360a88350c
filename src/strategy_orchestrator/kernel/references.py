"""Tuples of arrays as numba sees them in the kernel: one address, not some dozens of arguments.

numba passes a tuple of arrays as every field of every array, and takes it apart and puts it together again at every
call: three quarters of what there was to compile. Here a tuple is the address of its slots, see `machine.slots_of`, and
a field is read from there where it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numba
from llvmlite import ir
from numba.core import types
from numba.core.datamodel import models
from numba.core.typing.templates import AttributeTemplate
from numba.extending import infer_getattr, lower_getattr_generic, register_model
from numba.np.arrayobj import populate_array

_SLOT: Final = ir.IntType(64)
_BYTES: Final = 8
# Before the address of an array lie its owner, its parent, and two sizes; its shape and its strides come after it.
_HEAD: Final = 4


class Reference(types.Type):
    """A tuple of arrays and of such tuples.

    Parameters
    ----------
    fields : mapping
        Their types by name, in their order.
    """

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self.fields = dict(fields)
        super().__init__(name=f"Reference({self.fields})")

    @property
    def n_slots(self) -> int:
        """The slots that it takes."""
        return sum(_size(each) for each in self.fields.values())

    def slot_of(self, name: str) -> int:
        """Return the first slot of a field."""
        names = list(self.fields)
        return sum(_size(self.fields[each]) for each in names[: names.index(name)])


def type_of(value: Any) -> Any:
    """Return the type of an argument of the kernel: named tuples go by reference."""
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return Reference({name: type_of(getattr(value, name)) for name in value._fields})
    return numba.typeof(value)


def _size(kind: Any) -> int:
    return kind.n_slots if isinstance(kind, Reference) else _HEAD + 1 + 2 * kind.ndim


@register_model(Reference)
class _Model(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Reference) -> None:
        super().__init__(manager, kind, _SLOT)


@infer_getattr
class _Attributes(AttributeTemplate):
    key = Reference

    def generic_resolve(self, kind: Reference, name: str) -> Any:  # type: ignore[override]  # as numba's own do
        return kind.fields.get(name)


@lower_getattr_generic(Reference)
def _field(context: Any, builder: Any, kind: Reference, address: Any, name: str) -> Any:
    field = kind.fields[name]
    at = builder.add(address, _SLOT(kind.slot_of(name) * _BYTES))
    if isinstance(field, Reference):
        return at
    array = context.make_array(field)(context, builder)

    def slot(place: int, of: Any = _SLOT) -> Any:
        pointer = builder.inttoptr(builder.add(at, _SLOT(place * _BYTES)), of.as_pointer())
        value = builder.load(pointer, typ=of)
        # The slots stay as they are while the kernel runs, whatever it writes elsewhere.
        value.set_metadata("invariant.load", builder.module.add_metadata([]))
        return value

    first = _HEAD + 1
    populate_array(
        array,
        data=slot(_HEAD, array.data.type),
        shape=[slot(first + axis) for axis in range(field.ndim)],
        strides=[slot(first + field.ndim + axis) for axis in range(field.ndim)],
        itemsize=context.get_constant(types.intp, context.get_abi_sizeof(context.get_data_type(field.dtype))),
        meminfo=None,
    )
    return array._getvalue()  # noqa: SLF001
