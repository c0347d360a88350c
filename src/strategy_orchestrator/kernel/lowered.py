"""The kernel in LLVM's intermediate code, as numba lowered it: kept beside the sources that it was made of.

What numba does takes most of the time of compiling, and comes to the same on every machine of a kind; what is left is
LLVM's part. `python -m scripts.write_kernel` writes the file. It says what it was made of: one that is of other
sources, for another kind of machine, or by a later LLVM is passed over, and numba is asked.
"""

from __future__ import annotations

import hashlib
import json
import platform
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import llvmlite.binding as llvm

LOOP: Final = "strategy_orchestrator_loop"
"""The symbol of the loop: `int64 (int64 *slots, int64 last)`."""
CURVES: Final = "strategy_orchestrator_curves"
"""The symbol of `curves.measure`, called in the same way."""

PATH: Final = Path(__file__).with_name("lowered.bin")
SOURCES: Final = ("kernel/*.py", "models/records.py", "money.py")
"""Patterns, from the package: all that the loop is made of."""


def digest_of_sources() -> str:
    """Return one hash of all that the loop is made of, in hexadecimal digits."""
    top = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(top.glob(pattern)):
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def packed(bitcode: bytes, made_by: Mapping[str, str]) -> bytes:
    """Return the contents of the file: a line of JSON, and the bitcode compressed.

    Parameters
    ----------
    made_by : mapping
        Versions by name, for those who look at the file.
    """
    header = {**_needed(), "llvm": llvm.llvm_version_info[0], **made_by}
    return json.dumps(header, sort_keys=True).encode() + b"\n" + zlib.compress(bitcode, 9)


def unpacked(contents: bytes) -> tuple[dict[str, Any], bytes]:
    """Return what the file says of itself, and the bitcode."""
    head, _, rest = contents.partition(b"\n")
    return json.loads(head), zlib.decompress(rest)


def kept() -> bytes | None:
    """Return the bitcode that fits these sources and this machine, or None."""
    # A file that was damaged is none, as one that is missing.
    try:
        header, bitcode = unpacked(PATH.read_bytes())
        # LLVM reads what an earlier one wrote.
        fits = header["llvm"] <= llvm.llvm_version_info[0] and header.items() >= _needed().items()
    except (OSError, LookupError, TypeError, ValueError, AttributeError, zlib.error):
        return None
    return bitcode if fits else None


def _needed() -> dict[str, str]:
    return {"sources": digest_of_sources(), "system": platform.system(), "machine": platform.machine()}
