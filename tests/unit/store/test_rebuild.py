"""Records made again from saved runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from strategy_orchestrator.errors import DataError, Fault, RunError
from strategy_orchestrator.models.fingerprint import fingerprint_of
from strategy_orchestrator.models.records import RunRecord
from strategy_orchestrator.store import load_run, record_of, save_failure, save_run
from tests.unit.store.builders import HOSTILE, make_panel, make_record, make_result, trade_row
from tests.unit.store.test_load import describe, reseal


def kept(tmp_path: Path, record: RunRecord) -> RunRecord:
    """Save a record and make it again."""
    return record_of(load_run(save_run(tmp_path / "run", make_result(record), {})))


@pytest.mark.parametrize("symbols", [("AAPL", "TSLA"), HOSTILE])
def test_a_record_comes_back_to_the_unit(tmp_path: Path, symbols: tuple[str, ...]) -> None:
    """Every array is the same, and so is the fingerprint."""
    record = make_record(symbols=symbols)
    again = kept(tmp_path, record)
    assert fingerprint_of(again) == fingerprint_of(record)
    for name in ("equity", "gross", "reserve", "trades", "decisions", "initial_allocations", "sleeves"):
        assert np.array_equal(getattr(again, name), getattr(record, name)), name
    for name in ("weights", "initial_capital", "n_conflicts", "n_blocks", "n_bars", "notes"):
        assert getattr(again, name) == getattr(record, name), name
    for name in ("open", "high", "low", "close"):
        assert np.array_equal(getattr(again.panel.units, name), getattr(record.panel.units, name))
        assert np.array_equal(getattr(again.panel, name), getattr(record.panel, name), equal_nan=True)
    assert np.array_equal(again.panel.timestamps_ns, record.panel.timestamps_ns)
    assert np.array_equal(again.panel.traded, record.panel.traded)


def test_the_largest_amounts_and_short_trades_come_back(tmp_path: Path) -> None:
    """Counts at the end of 64 bits and negative ones are kept."""
    trades = trade_row(quantity=2**63 - 1, pnl=-(2**62), direction=-1, entry_notional=1, reason=7)
    record = replace(make_record(trades=trades), panel=replace(make_panel(), calendar="XNYS"))
    again = kept(tmp_path, record)
    assert np.array_equal(again.trades, trades)
    assert again.panel.calendar == "XNYS"


def test_a_failed_run_has_no_whole_record(tmp_path: Path) -> None:
    """Only complete runs can be made again."""
    folder = save_failure(tmp_path / "run", RunError(Fault("a", "b")), make_record(n_bars=2), {})
    with pytest.raises(DataError, match="only a complete run has its whole record"):
        record_of(load_run(folder))


@pytest.mark.parametrize("key", ["weights", "initial_capital", "sleeves"])
def test_files_that_do_not_fit_one_another_are_refused(tmp_path: Path, key: str) -> None:
    """A description that lacks something is one line of error."""
    folder = save_run(tmp_path / "run", make_result(), {})
    describe(folder, lambda about: about["record"].pop(key))
    reseal(folder)
    with pytest.raises(DataError, match=f"the files do not fit one another: '{key}'"):
        record_of(load_run(folder))


def test_symbols_that_the_tables_do_not_know_are_refused(tmp_path: Path) -> None:
    """A symbol that was renamed in the description is found."""
    folder = save_run(tmp_path / "run", make_result(), {})
    describe(folder, lambda about: about["data"]["symbols"][0].update(symbol="ZZZ"))
    reseal(folder)
    with pytest.raises(DataError, match="the files do not fit one another"):
        record_of(load_run(folder))
