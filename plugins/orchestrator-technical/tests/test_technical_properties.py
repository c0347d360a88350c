"""What holds for every strategy: blind to the future, silent in gaps, deaf to other symbols, strict about options."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import orchestrator_technical
from orchestrator_technical import (
    MACD,
    ADXTrend,
    Aroon,
    BollingerReversion,
    CCITrend,
    ChandelierTrend,
    DonchianBreakout,
    EMACross,
    Halloween,
    KeltnerBreakout,
    MomentumRotation,
    PairsTrading,
    ParabolicSAR,
    SMACross,
    StochasticReversal,
    TimeSeriesMomentum,
    TrendWithStops,
    TurnOfMonth,
    TwoBarRSI,
    VolatilityTarget,
    YearHighRotation,
    bars,
    indicators,
)
from orchestrator_technical.plugin import orchestrator_strategies
from strategy_orchestrator import ConfigError, Panel, StrategySpec, WeightStrategy
from strategy_orchestrator.arrays import AnyArray

Maker = Callable[[], Any]

BY_SYMBOL: dict[str, Maker] = {
    "adx-trend": lambda: ADXTrend(4, 20.0, "both"),
    "aroon": lambda: Aroon(6, 60.0, "both"),
    "bollinger-reversion": lambda: BollingerReversion(6, 1.0, "both"),
    "cci-trend": lambda: CCITrend(6, 80.0, "both"),
    "chandelier-trend": lambda: ChandelierTrend(8, 5, 2.0, "both"),
    "donchian-breakout": lambda: DonchianBreakout(8, 4, "both"),
    "ema-cross": lambda: EMACross(3, 8, 0.001, "both"),
    "halloween": lambda: Halloween(2, 3),
    "keltner-breakout": lambda: KeltnerBreakout(6, 5, 0.8, "both"),
    "macd": lambda: MACD(3, 7, 3, "both"),
    "parabolic-sar": lambda: ParabolicSAR(0.05, 0.3, "both"),
    "rsi-2": lambda: TwoBarRSI(2, 30.0, 70.0, 12, 3, "both"),
    "sma-cross": lambda: SMACross(3, 8, 0.001, "both"),
    "stochastic-reversal": lambda: StochasticReversal(5, 2, 40.0, 60.0, "both"),
    "trend-with-stops": lambda: TrendWithStops(10, side="both"),
    "turn-of-month": TurnOfMonth,
    "time-series-momentum": lambda: TimeSeriesMomentum(10, 0.2, 3, rebalance="week"),
    "volatility-target": lambda: VolatilityTarget(0.2, 5, rebalance="week"),
}
ACROSS: dict[str, Maker] = {
    "momentum-rotation": lambda: MomentumRotation(10, 2, 0.4, "week", "both"),
    "pairs-trading": lambda: PairsTrading(20, 15, 3, 1.0, 0.5),
    "year-high-rotation": lambda: YearHighRotation(10, 0.4, "week", "both"),
}
ALL = BY_SYMBOL | ACROSS
README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
CLASSES = {name: type(make()) for name, make in ALL.items()}
SPECS = {spec.name: spec for spec in orchestrator_strategies()}
SEASONS = {"halloween", "turn-of-month"}
WEIGHTS = {name for name, make in ALL.items() if isinstance(make(), WeightStrategy)}
REMEMBERING = SEASONS | {"adx-trend", "parabolic-sar"}
"""What keeps its opinion of a price that stands still: a date, a ratio of two averages, a stop that was not met."""
every_strategy = pytest.mark.parametrize("make", ALL.values(), ids=ALL)
every_single = pytest.mark.parametrize("make", BY_SYMBOL.values(), ids=BY_SYMBOL)
every_spec = pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)


def panel_of(close: AnyArray, spread: AnyArray | float = 0.0) -> Panel:
    """Make a panel of daily bars whose highs and lows are `spread` away from the close."""
    times = [datetime(2020, 1, 20, 21, tzinfo=UTC) + timedelta(days=day) for day in range(len(close))]
    names = [f"S{column}" for column in range(close.shape[1])]
    return Panel.from_arrays(times, names, open=close, high=close + spread, low=close - spread, close=close)


def random_panel(seed: int, n_bars: int = 150) -> Panel:
    """Make a panel with waves, gaps, a late beginning, an early end, a symbol of one stretch and one without a bar."""
    generator = np.random.default_rng(seed)
    waves = 0.8 * np.sin(np.arange(n_bars) / 7.0)[:, None]
    close = 80.0 + np.cumsum(generator.normal(0.0, 1.0, (n_bars, 6)) + waves, axis=0)
    close = np.abs(close) + 20.0
    close[generator.random(close.shape) < 0.12] = np.nan
    close[:40, 1] = close[110:, 2] = np.nan
    close[:60, 3] = close[70:, 3] = np.nan
    close[:, 5] = np.nan
    return panel_of(close, generator.random(close.shape))


def answers(strategy: Any, panel: Panel) -> list[AnyArray]:
    """Return all arrays that a strategy answers with."""
    if isinstance(strategy, WeightStrategy):
        return [strategy.weights(panel)]
    signals = strategy.signals(panel)
    given = (signals.entries, signals.exits, signals.short_entries, signals.short_exits)
    return [array for array in given if array is not None]


def are_alike(left: list[AnyArray], right: list[AnyArray]) -> bool:
    """Tell whether two answers are equal, NaN included."""
    return len(left) == len(right) and all(
        np.array_equal(one, other, equal_nan=one.dtype == np.float64) for one, other in zip(left, right, strict=True)
    )


def test_every_strategy_is_looked_at() -> None:
    """The tables above hold all that the plug-in offers."""
    assert sorted(ALL) == sorted(SPECS)
    assert len(SPECS) == len(orchestrator_technical.__all__)


@every_strategy
def test_later_bars_make_no_difference(make: Maker) -> None:
    """A panel that ends at any bar gives the rows that the whole one gives up to it."""
    panel = random_panel(1)
    whole = answers(make(), panel)
    assert any(np.nan_to_num(array).any() for array in whole)
    for n_bars in range(panel.n_bars):
        cut = answers(make(), panel.until(n_bars))
        assert are_alike(cut, [array[:n_bars] for array in whole]), n_bars


@every_strategy
def test_the_contract_is_kept(make: Maker) -> None:
    """All checks of the kit pass: no look-ahead by cutting and by changing, no memory, no mutation, odd panels."""
    testing = pytest.importorskip("strategy_orchestrator.testing")
    testing.check_strategy(make)


@every_strategy
def test_answers_fit_the_panel_and_are_silent_in_gaps(make: Maker) -> None:
    """Arrays are (T, S), bool or float64, with nothing where there is no bar."""
    panel = random_panel(3)
    for array in answers(make(), panel):
        assert array.shape == panel.traded.shape
        assert array.dtype in (np.bool_, np.float64)
        silent = array[~panel.traded]
        assert (np.isnan(silent) if array.dtype == np.float64 else ~silent).all()


@every_single
def test_other_symbols_make_no_difference(make: Maker) -> None:
    """A symbol alone gets the column that it gets among others, but for the size of its slot."""
    panel = random_panel(4)
    together = answers(make(), panel)
    for column, symbol in enumerate(panel.symbols):
        alone = answers(make(), panel.select([symbol]))
        slots = panel.n_symbols if isinstance(make(), WeightStrategy) else 1
        for one, many in zip(alone, together, strict=True):
            assert np.array_equal(one[:, 0] / slots, many[:, column], equal_nan=True)


@every_single
@pytest.mark.parametrize("cells", [1, 20 * 150])
def test_blocks_and_pieces_make_no_difference(make: Maker, cells: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Symbols without gaps get the columns that they get alone, however many are looked at together."""
    generator = np.random.default_rng(9)
    waves = 0.8 * np.sin(np.arange(150) / 7.0)[:, None]
    panel = panel_of(100.0 + np.cumsum(generator.normal(0.0, 1.0, (150, 19)) + waves, axis=0), 0.5)
    alone = [answers(make(), panel.select([symbol])) for symbol in panel.symbols]
    slots = panel.n_symbols if isinstance(make(), WeightStrategy) else 1
    monkeypatch.setattr(bars, "_BLOCK_CELLS", cells)
    monkeypatch.setattr(indicators, "_PIECE", 7)
    for place, together in enumerate(answers(make(), panel)):
        assert np.array_equal(np.concatenate([one[place] for one in alone], axis=1) / slots, together, equal_nan=True)


@every_single
def test_gaps_are_left_out(make: Maker) -> None:
    """Bars without prices between them change nothing; the seasons count days, not bars."""
    panel = random_panel(5)
    rows = np.flatnonzero(panel.traded[:, 0])
    names = ("open", "high", "low", "close")
    dense = Panel.from_arrays(
        panel.timestamps_ns[rows], ["S0"], **{name: getattr(panel, name)[rows, :1] for name in names}
    )
    with_gaps = answers(make(), panel.select(["S0"]))
    assert are_alike(answers(make(), dense), [array[rows] for array in with_gaps])


@every_strategy
def test_the_unit_of_a_price_makes_no_difference(make: Maker) -> None:
    """Prices sixteen times as high, exact in floats, give the same answers but for rounding of volatilities."""
    panel = random_panel(6)
    names = ("open", "high", "low", "close")
    higher = Panel.from_arrays(
        panel.timestamps_ns, panel.symbols, **{name: 16.0 * getattr(panel, name) for name in names}
    )
    for one, other in zip(answers(make(), panel), answers(make(), higher), strict=True):
        assert np.allclose(one, other, rtol=1e-12, atol=0.0, equal_nan=True)


@every_strategy
def test_asking_twice_gives_the_same(make: Maker) -> None:
    """A strategy remembers nothing of a panel."""
    strategy = make()
    first = answers(strategy, random_panel(7))
    answers(strategy, random_panel(8))
    assert are_alike(first, answers(strategy, random_panel(7)))


@every_strategy
@pytest.mark.parametrize("n_bars", [0, 1, 2])
def test_a_panel_of_next_to_nothing_gets_an_answer(make: Maker, n_bars: int) -> None:
    """With no bar, or one, nothing is known, but the arrays are there."""
    for array in answers(make(), random_panel(9).until(n_bars)):
        assert array.shape == (n_bars, 6)


@every_spec
def test_nothing_is_wanted_before_the_lookback_is_full(spec: StrategySpec) -> None:
    """By default no strategy that reads prices speaks of the first bar."""
    panel = random_panel(10)
    for array in answers(spec.factory(), panel.until(1)):
        assert spec.name in SEASONS or not np.nan_to_num(array).any()


@pytest.mark.parametrize("name", sorted(BY_SYMBOL.keys() - REMEMBERING - WEIGHTS))
def test_a_price_that_stands_still_is_not_traded_on_rounding(name: str) -> None:
    """After a lively past and a long standstill, sums in floats differ in the last digits; that is no signal."""
    close = random_panel(11).close[:, 0]
    close = np.concatenate([close[~np.isnan(close)], np.full(300, 33.3)])
    entries, _, short_entries, _ = answers(BY_SYMBOL[name](), panel_of(close[:, None]))
    assert not entries[-100:].any()
    assert not short_entries[-100:].any()


@pytest.mark.parametrize("name", sorted(BY_SYMBOL.keys() - SEASONS - WEIGHTS))
def test_long_only_leaves_out_the_short_side(name: str) -> None:
    """The long side is the same; of the short one nothing is left."""
    panel = random_panel(12, 400)
    long, both = (SPECS[name].factory(side=side).signals(panel) for side in ("long", "both"))
    assert np.array_equal(long.entries, both.entries)
    assert np.array_equal(long.exits, both.exits)
    assert (long.short_entries, long.short_exits) == (None, None)
    assert both.short_entries is not None


@pytest.mark.parametrize("name", sorted(WEIGHTS))
def test_weights_stay_within_the_sleeve(name: str) -> None:
    """What is asked for at any time adds up to the sleeve at most."""
    asked = ALL[name]().weights(random_panel(13))
    held = np.zeros(asked.shape[1])
    for row in asked:
        held = np.where(np.isnan(row), held, row)
        # A symbol that is late for a change still holds what it had.
        assert np.abs(held[~np.isnan(row)]).sum() <= 1.0 + 1e-12


@every_spec
def test_options_are_told_in_full(spec: StrategySpec) -> None:
    """Each has a description, a default and bounds or a choice, and the class has the same defaults."""
    assert spec.parameters is not None
    schema = spec.parameters.model_json_schema()
    defaults = {name: parameter.default for name, parameter in inspect.signature(spec.factory).parameters.items()}
    assert list(defaults) == list(spec.parameters.model_fields)
    for name, field in spec.parameters.model_fields.items():
        described = schema["properties"][name]
        assert field.description
        assert field.default == defaults[name]
        assert re.search(r"enum|[mM]inimum", str(described))
        assert "enum" in str(described) or re.search(r"[mM]aximum", str(described))
    assert schema["additionalProperties"] is False


@every_spec
def test_the_source_is_named(spec: StrategySpec) -> None:
    """The docstring names an author and a year, the declaration says what it does in a line."""
    assert re.search(r"\b(19[5-9]\d|20[0-2]\d)\b", inspect.getdoc(spec.factory) or "")
    assert re.fullmatch(r"[A-Z][^.]{10,70}\.", spec.description)


@every_spec
def test_the_readme_tells_the_options_and_their_defaults(spec: StrategySpec) -> None:
    """One row a strategy, with its class; `side`, which most have, is told above the first table."""
    (row,) = [line for line in README.splitlines() if line.startswith(f"| `{spec.name}` | `{spec.factory.__name__}` |")]
    told = dict(re.findall(r"`(\w+)`(?: ([\w.]+))?(?=[,; ])", row.split("|")[3]))
    fields = spec.parameters.model_fields if spec.parameters else {}
    shown = {
        name: field
        for name, field in fields.items()
        if name != "side" or issubclass(CLASSES[spec.name], WeightStrategy)
    }
    assert {
        name: "" if field.default is None else str(field.default).removesuffix(".0") for name, field in shown.items()
    } == told


@every_spec
def test_an_option_out_of_bounds_is_refused(spec: StrategySpec) -> None:
    """The error names class, option and value."""
    for name in spec.parameters.model_fields if spec.parameters else ():
        with pytest.raises(ConfigError, match=rf"{spec.factory.__name__}\.{name}: .*nan"):
            spec.factory(**{name: math.nan})


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("sma-cross", {"fast": 200}, "fast, 200, must be below slow, 200"),
        ("ema-cross", {"fast": 60}, "fast, 60, must be below slow, 50"),
        ("macd", {"fast": 26}, "fast, 26, must be below slow, 26"),
        ("parabolic-sar", {"acceleration": 0.3}, "acceleration, 0.3, must be up to maximum, 0.2"),
        ("donchian-breakout", {"exit_bars": 21}, "exit_bars, 21, must be up to entry_bars, 20"),
        ("rsi-2", {"lower": 90}, "lower, 90, must be below upper, 90"),
        ("rsi-2", {"exit_bars": 200}, "exit_bars, 200, must be below trend_bars, 200"),
        ("stochastic-reversal", {"upper": 20.0}, "lower, 20, must be below upper, 20"),
        ("momentum-rotation", {"skip_bars": 126}, "skip_bars, 126, must be below lookback_bars, 126"),
        ("turn-of-month", {"days_before": 0, "days_after": 0}, "no day is left to be in"),
        ("halloween", {"first_month": 1, "last_month": 12}, "from 1 to 12 is the whole year"),
        ("sma-cross", {"side": "short"}, "no value is called 'short'; known: 'both', 'long'"),
        ("macd", {"fast": 12.0, "slow": 26.5}, "slow: 26.5 was found"),
    ],
)
def test_options_that_contradict_one_another_are_refused(name: str, options: Any, words: str) -> None:
    """Both values are shown."""
    with pytest.raises(ConfigError, match=re.escape(words)):
        SPECS[name].factory(**options)
