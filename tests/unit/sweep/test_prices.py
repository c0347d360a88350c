"""Prices laid down for all processes are those that were given."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from strategy_orchestrator.errors import RunError
from strategy_orchestrator.models.bars import HistoricalDataBar
from strategy_orchestrator.models.panel import PRICE_FIELDS, DataWarning, Panel, is_read_only
from strategy_orchestrator.sweep.prices import kept_prices
from tests.unit.store.builders import make_panel

ARRAYS = (*PRICE_FIELDS, "volume", "traded", "timestamps_ns")


def exact() -> Panel:
    """Make a panel of a price that floats do not hold."""
    price = Decimal("9000000.123456")
    bar = HistoricalDataBar("A", datetime(2024, 1, 2, tzinfo=UTC), price, price, price, price, 5)
    return Panel.from_bars({"A": [bar]})


@pytest.mark.parametrize("panel", [make_panel(n_bars=5), exact()], ids=["floats", "decimals"])
def test_every_number_is_there(panel: Panel) -> None:
    """Floats, gaps and the counts of the kernel; read-only for good."""
    warned = replace(panel, calendar="XNYS", warnings=(DataWarning("A", 0, "odd"),), is_split_adjusted=True)
    with kept_prices(warned) as kept:
        opened = pickle.loads(pickle.dumps(kept)).panel()  # noqa: S301  # our own
        for name in ARRAYS:
            np.testing.assert_array_equal(getattr(opened, name), getattr(panel, name))
        for name in PRICE_FIELDS:
            assert np.array_equal(getattr(opened.units, name), getattr(panel.units, name))
        assert (opened.symbols, opened.calendar, opened.warnings) == (warned.symbols, "XNYS", warned.warnings)
        assert (opened.is_split_adjusted, opened.is_dividend_adjusted) == (True, False)
        assert is_read_only(opened)
        with pytest.raises(ValueError, match="WRITEABLE"):
            opened.close.flags.writeable = True


def test_a_process_maps_the_prices_once() -> None:
    """Every run of it gets the same panel."""
    with kept_prices(make_panel()) as kept:
        assert kept.panel() is kept.panel()


def test_nothing_is_left() -> None:
    """The folder is gone afterwards, and who asks for it then is told."""
    with kept_prices(make_panel()) as kept:
        kept.panel()
    assert not Path(kept.folder).exists()
    with pytest.raises(RunError) as caught:
        kept.panel()
    assert str(caught.value) == (
        f"{kept.folder}: the prices that the sweep laid down cannot be read: no such file or directory. Run it on one "
        "machine, or name a folder that all share in the variable TMPDIR."
    )


def test_a_disk_that_refuses_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """In one line, with what to do."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with (
        pytest.raises(RunError, match=r"could not be laid down: no space left on device. Make room there"),
        kept_prices(make_panel()),
    ):
        pass
