"""Translate the loop and all that it calls to LLVM's intermediate code.

numba types and lowers one function after the other; LLVM then optimises all of them at once, inside the loop, see
`machine`. Left to itself numba would optimise and emit every function apart, each time with all that it calls, and give
each a way in from Python: that takes longer than all the rest.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FunctionType
from typing import Any, Final

import llvmlite.binding as llvm
import numba
from numba import _dynfunc  # type: ignore[attr-defined]  # an extension module
from numba.core import types
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase
from numba.core.compiler_machinery import PassManager, register_pass
from numba.core.typed_passes import (
    AnnotateTypes,
    IRLegalization,
    NativeLowering,
    NoPythonBackend,
    NopythonTypeInference,
    PreLowerStripPhis,
)
from numba.core.untyped_passes import FixupArgs, GenericRewrites, IRProcessing, ReconstructSSA, TranslateByteCode
from numba.np import arrayobj

from strategy_orchestrator.kernel import instructions  # noqa: F401  # numba is told of them
from strategy_orchestrator.kernel.compiled import MARKED
from strategy_orchestrator.kernel.references import type_of

Kernel = Callable[..., Any]

# Nothing here divides by zero, raises, or keeps an array, so neither errors nor references have to be looked after, and
# nothing but the loop is ever called from Python.
_OPTIONS: Final = {
    "nogil": True,
    "error_model": "numpy",
    "_nrt": False,
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}
_SLOT_BYTES: Final = 8
# What the functions of the kernel need of numba's passes: they have no closures, no literals to unroll, no array
# expressions and no exceptions.
_PASSES: Final = (
    TranslateByteCode, FixupArgs, IRProcessing, GenericRewrites, ReconstructSSA,
    NopythonTypeInference, PreLowerStripPhis, IRLegalization, AnnotateTypes,
)  # fmt: skip


def lower(entries: Mapping[str, tuple[Kernel, Sequence[Any]]]) -> bytes:
    """Translate functions of the kernel that return an integer.

    Parameters
    ----------
    entries : mapping
        By the symbol that calls it: a function that is marked, whose last argument is an integer and whose others are
        arrays in tuples; and arguments of the types that it will be called with.

    Returns
    -------
    bytes
        Bitcode of LLVM with these symbols and no others.
    """
    with _without_collection(), _indices_as_they_are():
        dispatchers = _dispatchers(_OPTIONS | {"pipeline_class": _Compiler})
        libraries, ways = [], []
        for symbol, (function, example) in entries.items():
            signature = tuple(type_of(each) for each in example)
            dispatchers[function].compile(signature)
            made = dispatchers[function].overloads[signature]
            libraries.append(made.library)
            ways.append((symbol, made.fndesc.mangled_name, [each.n_slots for each in signature[:-1]]))
        return _entered(_linked(libraries), ways)


def callable_from_python(function: Kernel) -> Kernel:
    """Return a way into one function of the kernel, compiled by numba alone, with checks of every index.

    It is compiled again in every process.
    """
    marked = _dispatchers(_OPTIONS | {"boundscheck": True})[function]

    def call(*arguments: Any) -> Any:
        return marked(*arguments)

    entrance: Kernel = numba.njit(nogil=True, error_model="numpy", boundscheck=True)(call)
    return entrance


def _dispatchers(options: Mapping[str, Any]) -> dict[Kernel, Any]:
    # The functions themselves stay plain: copies see copies under the names by which they call one another.
    names: dict[str, dict[str, Any]] = {}
    made: dict[Kernel, Any] = {}
    for function in MARKED:
        known = names.setdefault(function.__module__, dict(function.__globals__))
        copy = FunctionType(function.__code__, known, function.__name__)
        copy.__qualname__, copy.__module__ = function.__qualname__, function.__module__
        made[function] = _of_one_version(numba.njit(**options)(copy))
    for known in names.values():
        known |= {
            name: made[value] for name, value in known.items() if isinstance(value, FunctionType) and value in made
        }
    return made


def _of_one_version(dispatcher: Any) -> Any:
    # numba would compile a version for each constant that is passed.
    template = dispatcher.get_call_template
    dispatcher.get_call_template = lambda args, kws: template([types.unliteral(each) for each in args], kws)
    return dispatcher


class _Library(JITCodeLibrary):
    """What one function was lowered to, until all are linked: neither optimised nor run by itself."""

    def _optimize_functions(self, ll_module: Any) -> None:
        ll_module.data_layout = self._codegen._data_layout  # noqa: SLF001

    def finalize(self) -> None:
        self._finalized = True

    @property
    def module(self) -> Any:
        return self._final_module

    @property
    def callees(self) -> list[Any]:
        return list(self._linking_libraries)


@register_pass(mutates_CFG=True, analysis_only=False)
class _Lowering(NativeLowering):
    """Lower into a library of ours; nothing can be called before it is linked."""

    _name = "kernel_lowering"

    def run_pass(self, state: Any) -> bool:
        library = _Library(state.targetctx.codegen(), state.func_id.func_qualname)
        state.library = library
        state.flags.no_compile = True
        # Names of numba's own carry the types of all arguments, every field of every record, at each call.
        state.targetctx = state.targetctx.subtarget(mangler=_short_name)
        super().run_pass(state)
        lowered = state["cr"]
        module, name = lowered.fndesc.lookup_module(), lowered.fndesc.qualname
        # By this handle, which leads nowhere, callers find what to call.
        handle = _dynfunc.make_function(module, name, "", 0, lowered.env, (library,))
        state.targetctx.insert_user_function(handle, lowered.fndesc, [library])
        state["cr"] = lowered._replace(cfunc=handle)
        return True


def _short_name(name: str, types: Any, *, abi_tags: Any = (), uid: int | None = None) -> str:  # numba calls it so
    return f"{name}.{uid}"


class _Compiler(CompilerBase):
    def define_pipelines(self) -> list[PassManager]:
        passes = PassManager("kernel")
        for each in (*_PASSES, _Lowering, NoPythonBackend):
            passes.add_pass(each, each.__name__)
        passes.finalize()
        return [passes]


def _linked(libraries: Sequence[_Library]) -> Any:
    module = llvm.parse_assembly("")
    waiting: list[Any] = list(libraries)
    seen = set()
    while waiting:
        each = waiting.pop()
        if each in seen:
            continue
        seen.add(each)
        if isinstance(each, _Library):
            waiting += each.callees
            module.link_in(each.module)
        else:
            module.link_in(each._get_module_for_linking(), preserve=True)  # noqa: SLF001
    return module


def _entered(module: Any, ways: Sequence[tuple[str, str, Sequence[int]]]) -> bytes:
    for symbol, name, sizes in ways:
        module.link_in(llvm.parse_assembly(_entry(symbol, module.get_function(name), sizes)))
    symbols = {symbol for symbol, _, _ in ways}
    for function in module.functions:
        if not function.is_declaration and function.name not in symbols:
            function.linkage = "internal"
    for variable in module.global_variables:
        variable.linkage = "internal"
    code: bytes = module.as_bitcode()
    return code


def _entry(symbol: str, function: Any, sizes: Sequence[int]) -> str:
    """Return the assembly of a function that calls another with the addresses of its tuples and an integer.

    By numba's convention the first two arguments are where to put the result and where an exception.
    """
    kinds = [str(argument.type) for argument in function.arguments]
    pointer = "ptr" if kinds[0] == "ptr" else "i64*"
    error = "ptr" if kinds[0] == "ptr" else kinds[1].removesuffix("*")
    given = [f"{kinds[0]} %result", f"{kinds[1]} %error"]
    lines = ["%result = alloca i64", f"%error = alloca {error}", f"%slots = ptrtoint {pointer} %first to i64"]
    for place in range(len(sizes)):
        lines.append(f"%tuple{place} = add i64 %slots, {_SLOT_BYTES * sum(sizes[:place])}")
        given.append(f"i64 %tuple{place}")
    given.append("i64 %last")
    lines.append(f'call i32 @"{function.name}"({", ".join(given)})')
    lines += [f"%answer = load i64, {pointer} %result", "ret i64 %answer"]
    declared = f'declare i32 @"{function.name}"({", ".join(kinds)})'
    return "\n".join([declared, f"define i64 @{symbol}({pointer} %first, i64 %last) {{", *lines, "}", ""])


@contextmanager
def _indices_as_they_are() -> Iterator[None]:
    # numba lets a negative index count from the end, with a comparison at each access that hides from LLVM what a loop
    # does. The kernel has no negative index; one would lead elsewhere here than in the plain functions, and the tests
    # compare the two. What others compile meanwhile is as before.
    original = arrayobj.fix_integer_index

    def fixed(context: Any, builder: Any, kind: Any, index: Any, size: Any) -> Any:
        if context.mangler is _short_name:
            return context.cast(builder, index, kind, types.intp)
        return original(context, builder, kind, index, size)

    arrayobj.fix_integer_index = fixed
    try:
        yield
    finally:
        arrayobj.fix_integer_index = original


@contextmanager
def _without_collection() -> Iterator[None]:
    # Nothing that compiling makes is garbage before its end, and looking for some takes a sixth of the time.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
