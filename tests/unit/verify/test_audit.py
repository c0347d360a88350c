"""What an audit is told and tells."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from strategy_orchestrator import OrchestratorConfig, StrategyOrchestrator
from strategy_orchestrator.errors import InputError, RunError
from strategy_orchestrator.hooks import hookimpl
from strategy_orchestrator.models.specs import MetricSpec
from strategy_orchestrator.store import save_failure, save_run
from strategy_orchestrator.verify import verify_run
from tests.unit.verify.builders import Swing, edit_run, panel


class Pack:
    """Offer two measures, one of which is not defined."""

    @hookimpl
    def orchestrator_metrics(self) -> list[MetricSpec]:
        """Return them."""
        return [
            MetricSpec("best-equity", lambda: lambda equity, _: float(np.max(equity)), description="The best."),
            MetricSpec("nothing", lambda: lambda *_: float("nan"), description="Nothing."),
        ]


def test_a_folder_that_is_no_run_is_wrong_input(tmp_path: Path) -> None:
    """Where there is nothing to verify the user named the wrong folder."""
    with pytest.raises(
        InputError, match=r"there is no saved run; run\.json is missing\. Give the folder of a saved run"
    ):
        verify_run(tmp_path)


def test_a_run_that_failed_is_not_verified(tmp_path: Path) -> None:
    """A failed run has no seal."""
    folder = save_failure(tmp_path / "run", RunError([]), None, {})
    assert [fault.problem for fault in verify_run(folder).faults()] == [
        "the seal is missing: the run failed or was not saved to its end"
    ]


def test_money_beyond_64_bits_in_sum_adds_up(tmp_path: Path) -> None:
    """What moves in and out of a sleeve in a whole run may be more than a ledger holds at once."""
    orchestrator = StrategyOrchestrator([(Swing(), Decimal("0.9"))])
    folder = save_run(tmp_path / "run", orchestrator.run(panel(), 4 * 10**12), {})
    assert verify_run(folder).faults() == []


def test_measures_of_plug_ins_are_believed_but_not_twice_differently(tmp_path: Path) -> None:
    """What only a plug-in can measure must be the same in all places."""
    config = OrchestratorConfig(metrics=("best-equity", "nothing"))
    orchestrator = StrategyOrchestrator([(Swing(), Decimal("0.5"))], config, plugins=[Pack()])
    folder = save_run(tmp_path / "run", orchestrator.run(panel(), 10_000), {})
    assert verify_run(folder).faults() == []
    edit_run(folder, lambda run: run["summary"]["comparison_table"]["Swing_0"].update({"best-equity": "1"}))
    fault = str(verify_run(folder).faults()[0])
    assert "summary.comparison_table.Swing_0.best-equity" in fault
