"""One hash for all that a run decided and booked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from strategy_orchestrator.arrays import AnyArray
from strategy_orchestrator.models.records import DECISION, TRADE, RunRecord

_VERSION: Final = b"strategy-orchestrator fingerprint 1"
_LENGTH_BYTES: Final = 8


def fingerprint_of(record: RunRecord) -> str:
    """Return the SHA-256 of names, shapes, equity, reserve, trades and decisions.

    All integers are hashed little-endian and the padding of rows as zeros, so the same run has the same fingerprint on
    every machine. Bars that a failed run did not complete are left out.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    digest = hashlib.sha256()
    for part in _parts(record):
        digest.update(len(part).to_bytes(_LENGTH_BYTES, "little"))
        digest.update(part)
    return digest.hexdigest()


def little_endian(array: AnyArray) -> bytes:
    """Return the values of an array of numbers in C order, least significant byte first."""
    return np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()


def _parts(record: RunRecord) -> Iterable[bytes | memoryview]:
    yield _VERSION
    for names in (record.strategy_ids, record.panel.symbols):
        yield len(names).to_bytes(_LENGTH_BYTES, "little")
        # A name may hold half a surrogate pair, which strict UTF-8 refuses.
        yield from (name.encode("utf-8", "surrogatepass") for name in names)
    for money in (record.equity[: record.n_bars], record.reserve[: record.n_bars]):
        yield little_endian(np.array(money.shape, np.int64))
        yield little_endian(np.asarray(money, np.int64))
    yield _rows(record.trades, TRADE)
    yield _rows(record.decisions, DECISION)


def _rows(table: NDArray[Any], dtype: np.dtype[Any]) -> bytes | memoryview:
    plain = dtype.newbyteorder("<")
    padding = [name for name in dtype.names or () if name.startswith("padding")]
    # What the kernel writes is hashed where it lies.
    if table.dtype == plain and table.flags.c_contiguous and not any(table[name].any() for name in padding):
        return table.view(np.uint8).data
    rows = np.zeros(len(table), plain)
    for name in dtype.names or ():
        if name not in padding:
            rows[name] = table[name]
    return rows.tobytes()
