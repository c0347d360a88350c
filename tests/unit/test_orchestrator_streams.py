"""A run over prices in chunks, as users meet it: who is refused, what a run file says, what is saved."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from strategy_orchestrator import (
    ConfigError,
    CostModel,
    Costs,
    DataError,
    OrchestratorConfig,
    Panel,
    PanelStream,
    PluginError,
    Rebalancer,
    RunState,
    Signals,
    SignalStrategy,
    Sizer,
    StrategyError,
    open_panel,
)
from strategy_orchestrator.builtin.sizers import EqualSlots
from strategy_orchestrator.builtin.sources import ParquetSource
from strategy_orchestrator.models.fingerprint import fingerprint_of
from strategy_orchestrator.store import load_run, save_failure, save_run
from strategy_orchestrator.store.rebuild import record_of
from strategy_orchestrator.verify import verify_run
from tests.unit.engine.portfolios import Asked, Says, make_panel, orchestrate, run

PANEL = make_panel("10|20", "11|21", "12|-", "13|23", "12|22", "11|24")


class Holds(SignalStrategy):
    """Be in always."""

    lookback_bars: int | None = 0

    def signals(self, panel: Panel) -> Signals:
        """Enter everywhere."""
        return Signals(entries=panel.traded, exits=np.zeros_like(panel.traded))


def stream(chunk_bars: int = 2) -> PanelStream:
    """Return the prices in chunks."""
    return PanelStream.of_panel(PANEL, chunk_bars)


class Shares(Sizer):
    """Say nothing of a look-back."""

    def fractions(self, panel: Panel) -> object:
        """Offer a half."""
        return np.full(panel.close.shape, 0.5)


class Charges(CostModel):
    """Charge the first close of the panel as commission."""

    def costs(self, panel: Panel) -> Costs:
        """Return it."""
        return Costs(commission_per_trade=Decimal(str(panel.close[0, 0])) / 100)


class Schedules(Rebalancer):
    """Propose now and then."""

    def schedule(self, panel: Panel) -> object:  # type: ignore[override]
        """Return every bar."""
        return np.ones(panel.n_bars, np.bool_)

    def propose(self, state: object) -> dict[str, Decimal]:  # type: ignore[override]
        """Return nothing that is asked for here."""
        raise NotImplementedError


class Drifts(Schedules):
    """Propose on drift alone."""

    drift_tolerance = Decimal(1)
    schedule = Rebalancer.schedule  # type: ignore[assignment]


def test_those_who_do_not_say_how_far_they_look_back_are_refused_at_once() -> None:
    """Strategies, sizers, cost models and schedules, with a line for each; nothing is read."""
    wrong = Holds()
    wrong.lookback_bars = -1
    parts = {"sizer": Shares(), "cost_model": Charges(), "rebalancer": Schedules()}
    with pytest.raises(ConfigError) as caught:
        run([Says("." * 6, "." * 6), Asked("." * 6, "." * 6), wrong], stream(), **parts)
    unknown = "it does not say on how many bars it looks back, so it cannot be asked in chunks"
    remedy = "Set its attribute lookback_bars, or run without streaming"
    remedy_of_strategy = "Set its attribute lookback_bars (in a run file the key), or run without streaming"
    assert [str(fault) for fault in caught.value.faults] == [
        f"strategy 'Says_0': {unknown}. {remedy_of_strategy}.",
        f"strategy 'Asked_0': {unknown}. {remedy_of_strategy}.",
        f"strategy 'Holds_0': its lookback_bars is -1; expected 0 or more. {remedy_of_strategy}.",
        f"sizer Shares: {unknown}. {remedy}.",
        f"cost model Charges: {unknown}. {remedy}.",
        f"rebalancer Schedules: {unknown}. {remedy}.",
    ]


def test_who_is_not_asked_about_bars_need_not_say_it() -> None:
    """Equal slots are a code of the kernel, and a rebalancer without a schedule is asked about the state alone."""
    result = run([Holds()], stream(), sizer=EqualSlots(), rebalancer=Drifts())
    assert result.fingerprint == run([Holds()], PANEL).fingerprint


def test_commissions_hold_for_the_whole_run() -> None:
    """A cost model that charges otherwise in another chunk is refused."""
    model = Charges()
    model.lookback_bars = 0
    with pytest.raises(PluginError) as caught:
        run([Holds()], stream(), cost_model=model)
    problem = "its commissions change at bar 2; those of a symbol hold for the whole run"
    assert str(caught.value) == f"cost model Charges: {problem}. Correct it, or run without streaming."


class Fails(Holds):
    """Raise when the prices are high."""

    def signals(self, panel: Panel) -> Signals:
        """Raise at 13."""
        if np.nanmax(panel.close[:, 0]) >= 13:
            raise ValueError("too high")
        return super().signals(panel)


def test_a_strategy_that_fails_in_a_chunk_is_quarantined_from_there_on() -> None:
    """It is not asked again, and the others go on."""
    config = {"on_strategy_error": "quarantine"}
    orchestrator = orchestrate([Fails(), Holds()], **config)
    result = orchestrator.run(stream(), Decimal(1000))
    assert result.strategy_results["Fails_0"].is_quarantined
    assert not result.strategy_results["Holds_0"].is_quarantined
    assert orchestrator.engine is not None
    assert list(orchestrator.engine.failures) == ["Fails_0"]
    with pytest.raises(StrategyError, match="too high"):
        run([Fails()], stream())


def write(path: Path) -> Path:
    """Write the prices as a long file."""
    rows = [
        {
            "timestamp": moment,
            "symbol": symbol,
            **dict.fromkeys(("open", "high", "low", "close"), PANEL.close[bar, column]),
        }
        for bar, moment in enumerate(PANEL.timestamps)
        for column, symbol in enumerate(PANEL.symbols)
        if PANEL.traded[bar, column]
    ]
    pl.DataFrame(rows).write_parquet(path)
    return path


def test_a_source_opens_a_stream(tmp_path: Path) -> None:
    """With its calendar; without `stream` it loads the whole."""
    path = str(write(tmp_path / "p.parquet"))
    found = ParquetSource(path, calendar="XNYS", stream=True, chunk_bars=2).load()
    assert isinstance(found, PanelStream)
    assert (found.n_bars, found.calendar, len(list(found.chunks()))) == (6, "XNYS", 3)
    assert isinstance(ParquetSource(path).load(), Panel)


def test_a_streamed_run_is_saved_and_read_as_any_other(tmp_path: Path) -> None:
    """Its record, made again, has the prices and the fingerprint."""
    result = run([Holds()], open_panel(write(tmp_path / "p.parquet"), chunk_bars=2))
    whole = run([Holds()], PANEL)
    saved, other = (load_run(save_run(tmp_path / name, each, {})) for name, each in (("a", result), ("b", whole)))
    assert saved.description["data"] == other.description["data"]
    assert saved.prices.sort("bar", "symbol").equals(other.prices.sort("bar", "symbol"))
    assert fingerprint_of(record_of(saved)) == whole.fingerprint


class Slips(CostModel):
    """Charge more slippage at every bar."""

    lookback_bars = 0

    def costs(self, panel: Panel) -> Costs:
        """Follow the price."""
        return Costs(slippage_pct=np.nan_to_num(panel.close) / 10_000)


def test_a_streamed_run_is_verified_unless_its_slippage_was_not_kept(tmp_path: Path) -> None:
    """One that cannot be counted again says so, and what to do."""
    path = write(tmp_path / "p.parquet")
    folder = save_run(tmp_path / "fine", run([Holds()], open_panel(path, chunk_bars=2)), {})
    assert verify_run(folder).is_verified
    result = run([Holds()], open_panel(path, chunk_bars=2), cost_model=Slips())
    assert result.fingerprint == run([Holds()], PANEL, cost_model=Slips()).fingerprint
    verdict = verify_run(save_run(tmp_path / "slips", result, {}))
    (finding,) = verdict.findings
    assert finding.file == "costs.parquet"
    assert finding.problem.endswith("slippage by bar is not kept: run without stream to verify it")


def test_a_streamed_run_that_failed_is_saved_without_its_prices(tmp_path: Path) -> None:
    """They may be what it failed for."""
    path = write(tmp_path / "p.parquet")
    frame = pl.read_parquet(path)
    high = pl.when(pl.int_range(pl.len()) == len(frame) - 1).then(0.5).otherwise(pl.col("high")).alias("high")
    frame.with_columns(high).write_parquet(path)
    orchestrator = orchestrate([Holds()])
    with pytest.raises(DataError, match=r"row 11, column 'high'") as caught:
        orchestrator.run(open_panel(path, chunk_bars=2), Decimal(1000))
    assert orchestrator.state is RunState.FAILED
    record = orchestrator.record
    assert record is not None
    assert (record.n_bars, record.fill_prices) == (4, None)
    saved = load_run(save_failure(tmp_path / "failed", caught.value, record, {"config": OrchestratorConfig()}))
    assert sorted(saved.tables) == ["costs", "decisions", "equity", "gross", "trades"]
    assert saved.description["data"]["symbols"] == [{"symbol": "A"}, {"symbol": "B"}]
