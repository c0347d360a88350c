"""Machine code of the kernel: made by LLVM, kept between processes, and called with as little as can be.

It lies in the user's cache folder, or where `NUMBA_CACHE_DIR` says, under a key of all that it was made of and of the
processor it was made for.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.metadata
import logging
import os
import platform
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import llvmlite.binding as llvm
import numpy as np
from numpy.typing import NDArray

from strategy_orchestrator.folders import cache_folder, keep_newest, write_whole
from strategy_orchestrator.kernel.lowered import digest_of_sources

_LOG: Final = logging.getLogger("strategy_orchestrator.kernel")
_MADE_BY: Final = ("numba", "llvmlite")
_MOST_KEPT: Final = 8
_DIGEST_LENGTH: Final = 32
_LOCK: Final = threading.Lock()
_SIGNATURE: Final = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64)

Call = Callable[[int, int], int]


@dataclass(frozen=True, slots=True)
class Bound:
    """A function of the kernel over certain arrays.

    Attributes
    ----------
    call : callable
        The machine code.
    slots : ndarray
        int64, one dimension: what it is called with, addresses and shapes of the arrays.
    arrays : tuple of ndarray
        The arrays themselves, which have to outlive their addresses.
    """

    call: Call
    slots: NDArray[np.int64]
    address: int
    arrays: tuple[NDArray[Any], ...]

    def __call__(self, last: int) -> int:
        """Call it with the last of its arguments."""
        return self.call(self.address, last)


class Machine:
    """Object code that was loaded.

    Parameters
    ----------
    code : bytes
        As `emit` returns it.
    """

    def __init__(self, code: bytes) -> None:
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target_machine())
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        self._engine.finalize_object()
        self._calls: dict[str, Call] = {}

    def over(self, symbol: str, arrays: Sequence[NDArray[Any]]) -> Bound:
        """Return a function over arrays, in the order in which they are in its arguments."""
        slots = np.fromiter(slots_of(arrays), np.int64)
        if symbol not in self._calls:
            self._calls[symbol] = _SIGNATURE(self._engine.get_function_address(symbol))
        return Bound(self._calls[symbol], slots, slots.ctypes.data, tuple(arrays))


def slots_of(arrays: Sequence[NDArray[Any]]) -> Iterator[int]:
    """Yield what numba knows of an array: no owner, no parent, two sizes, the address, shape and strides.

    Raises
    ------
    ValueError
        If an array is not contiguous: the code was made for those that are.
    """
    for array in arrays:
        if not array.flags.c_contiguous:
            raise ValueError(f"an array of the kernel of shape {array.shape} is not contiguous")
        yield from (0, 0, array.size, array.itemsize, array.ctypes.data, *array.shape, *array.strides)


def target_machine() -> Any:
    """Return this processor as LLVM knows it."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_default_triple()
    features = llvm.get_host_cpu_features().flatten()
    return target.create_target_machine(cpu=llvm.get_host_cpu_name(), features=features, opt=3, jit=True)


def emit(bitcode: bytes) -> bytes:
    """Make machine code for this processor of what the kernel was lowered to.

    Parameters
    ----------
    bitcode : bytes
        As `translating.lower` returns it.

    Returns
    -------
    bytes
        Object code with the same symbols.
    """
    machine, module = target_machine(), llvm.parse_bitcode(bitcode)
    builder = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=3))
    builder.getModulePassManager().run(module, builder)
    code: bytes = machine.emit_object(module)
    return code


class Keeper:
    """The machine code of this version of the kernel, wherever it comes from.

    Parameters
    ----------
    make : callable
        Makes it, which takes seconds.
    """

    def __init__(self, make: Callable[[], bytes]) -> None:
        self._make = make
        self._machine: Machine | None = None

    def is_ready(self) -> bool:
        """Tell whether nothing has to be compiled."""
        return self._machine is not None or _read(_path()) is not None

    def machine(self) -> Machine:
        """Return it loaded; the first call in a process loads it or has it made, and keeps it."""
        with _LOCK:
            if self._machine is None:
                path = _path()
                code = _read(path)
                if code is None:
                    code = self._make()
                    _write(path, code)
                self._machine = Machine(code)
            return self._machine


def _path() -> Path | None:
    given = os.environ.get("NUMBA_CACHE_DIR")
    folder = Path(given) if given else cache_folder("kernel")
    return None if folder is None else folder / f"kernel-{_key()}.bin"


def _key() -> str:
    made_by = [importlib.metadata.version(name) for name in _MADE_BY]
    made_for = [platform.system(), platform.machine(), llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()]
    made_of = "\n".join([digest_of_sources(), *made_by, *made_for])
    return hashlib.sha256(made_of.encode()).hexdigest()[:_DIGEST_LENGTH]


def _read(path: Path | None) -> bytes | None:
    # A file that was damaged is none: machine code is not run on trust.
    try:
        kept = b"" if path is None else path.read_bytes()
    except OSError:
        return None
    digest, code = kept[:_DIGEST_LENGTH], kept[_DIGEST_LENGTH:]
    return code if code and hashlib.sha256(code).digest() == digest else None


def _write(path: Path | None, code: bytes) -> None:
    if path is None:
        return
    try:
        write_whole(path, hashlib.sha256(code).digest() + code)
        keep_newest(path.parent.glob("kernel-*.bin"), _MOST_KEPT)
    except OSError as error:
        _LOG.warning("the compiled kernel cannot be kept, so that every run compiles it: %s", error)
