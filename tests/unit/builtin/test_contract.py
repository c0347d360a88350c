"""What is in the box meets the contract that the core checks of every plug-in."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from strategy_orchestrator import builtin
from strategy_orchestrator.testing import Check, contract_checks, make_panel

PARAMETERS = {
    "fixed-fraction": {"fraction": Decimal("0.25")},
    "per-fill": {"commission_per_trade": 1, "slippage_pct": Decimal("0.001")},
    "csv": {"path": "prices.csv"},
    "parquet": {"path": "prices.parquet"},
    "local": {"workers": 2},
}


@pytest.fixture
def prices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with files of prices."""
    panel = make_panel(20, 1)
    columns = {name: getattr(panel, name)[:, 0] for name in ("open", "high", "low", "close")}
    frame = pl.DataFrame({"date": [moment.date() for moment in panel.timestamps], "symbol": "A", **columns})
    frame.write_csv(tmp_path / "prices.csv")
    frame.write_parquet(tmp_path / "prices.parquet")
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("prices")
@pytest.mark.parametrize("check", contract_checks(builtin, parameters=PARAMETERS), ids=str)
def test_contract(check: Check) -> None:
    """One behavior each."""
    check()
