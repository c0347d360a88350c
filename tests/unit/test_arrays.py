"""Arrays that nobody can write to, small and large."""

from __future__ import annotations

import numpy as np
import pytest

from strategy_orchestrator.arrays import is_sealed, sealed, unsealed, write_across

SHAPES = [(0, 3), (5,), (3, 2), (1025, 1024)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", [np.int64, np.float64, np.bool_])
def test_a_sealed_copy_has_the_values_and_no_way_in(shape: tuple[int, ...], dtype: type) -> None:
    """Whatever the size and the order in memory of what is copied."""
    given = np.asfortranarray(np.arange(np.prod(shape)).reshape(shape).astype(dtype))
    kept = sealed(given)
    assert kept.dtype == given.dtype
    assert np.array_equal(kept, given)
    assert is_sealed(kept)
    with pytest.raises(ValueError, match="WRITEABLE"):
        kept.flags.writeable = True
    given[...] = 0
    assert np.array_equal(kept, np.arange(np.prod(shape)).reshape(shape).astype(dtype))


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_filled_in_is_what_is_kept(shape: tuple[int, ...]) -> None:
    """The memory is one, and outlives who filled it."""
    writable, kept = unsealed(shape, np.int64)
    writable[...] = 7
    del writable
    assert kept.shape == shape
    assert (kept == 7).all()
    assert is_sealed(kept)


@pytest.mark.parametrize("shape", [(0, 3), (1, 1), (511, 2), (512, 3), (1500, 3)])
def test_columns_become_rows(shape: tuple[int, int]) -> None:
    """Of a table of any length, also of one that lies apart in memory, and as another dtype."""
    table = np.arange(2 * shape[0] * shape[1]).reshape(shape[0], 2 * shape[1])[:, ::2]
    rows = np.full(shape[::-1], np.nan)
    write_across(table, rows)
    assert np.array_equal(rows, table.T)
