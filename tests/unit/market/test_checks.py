"""What looks odd in prices, and what must not."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from strategy_orchestrator.arrays import FloatArray
from strategy_orchestrator.market import load_panel, panel_of
from strategy_orchestrator.market.checks import Watch, find_warnings
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.models.streams import PanelStream

Bars = dict[str, FloatArray]

REAL = Path(__file__).parents[3] / "plugins/orchestrator-starter/src/orchestrator_starter/data/stocks.parquet"
REAL_SPLITS = [("AAPL", "2000-06-21", "2:1"), ("AAPL", "2005-02-28", "2:1"), ("MSFT", "2003-02-18", "2:1")]
DAY = np.timedelta64(1, "D")
AT = 60


def walk(seed: int, n_bars: int = 120, daily: float = 0.02, start: float = 50.0) -> Bars:
    """Draw quiet prices with fat tails, some overnight moves, and volumes that follow the moves."""
    rng = np.random.default_rng(seed)
    moves = rng.standard_t(4, n_bars) * daily / np.sqrt(2)
    close = start * np.exp(moves.cumsum())
    opening = np.concatenate([close[:1], close[:-1] * np.exp(moves[1:] * rng.uniform(-0.4, 0.4, n_bars - 1))])
    spread = np.exp(np.abs(rng.normal(0, daily / 2, (2, n_bars))))
    volume = np.exp(rng.normal(14, 0.4, n_bars)) * (1 + 20 * np.abs(moves))
    high, low = np.maximum(opening, close) * spread[0], np.minimum(opening, close) / spread[1]
    return {"open": opening, "high": high, "low": low, "close": close, "volume": volume}


def jump(bars: Bars, factor: float, volume: float = 1.0, spread: float = 1.0, until: int | None = None) -> Bars:
    """Multiply prices from a bar on, the volume of that bar, and its range."""
    changed = {name: values.copy() for name, values in bars.items()}
    for name in ("open", "high", "low", "close"):
        changed[name][AT:until] *= factor
    changed["volume"][AT] *= volume
    changed["high"][AT] *= spread
    changed["low"][AT] /= spread
    return changed


def panel_from(bars: Bars, tick: float = 0.01, *, with_volume: bool = True) -> Panel:
    """Round prices to ticks and make a panel of one symbol."""
    prices = {name: np.maximum(np.rint(bars[name] / tick), 1) * tick for name in ("open", "high", "low", "close")}
    prices["high"] = np.maximum.reduce(list(prices.values()))
    prices["low"] = np.minimum.reduce(list(prices.values()))
    columns = {name: values[:, None] for name, values in prices.items()}
    days = np.datetime64("2000-01-01") + np.arange(len(bars["open"])) * DAY
    return Panel.from_arrays(days, ["A"], **columns, volume=bars["volume"][:, None] if with_volume else None)


def told(panel: Panel) -> list[tuple[str, str, str]]:
    """Return symbol, day and ratio of each split that is suspected."""
    found = [
        (item.symbol, str(item).split(", ")[1][:10], re.search(r"(\d+:\d+) split", item.problem))
        for item in panel.warnings
    ]
    return [(symbol, day, match[1]) for symbol, day, match in found if match is not None]


def ratios(panel: Panel) -> list[str]:
    """Return the ratios of the splits that are suspected."""
    return [match[1] for item in find_warnings(panel) if (match := re.search(r"(\d+:\d+) split", item.problem))]


@pytest.mark.parametrize("dropped", [(), ("adj_close",), ("adj_close", "volume")])
def test_the_splits_of_real_prices_are_found_and_the_crash_is_not(dropped: tuple[str, ...]) -> None:
    """With and without adjusted closes and volumes: three splits, and Apple's 52 % day of 2000-09-29 is none."""
    panel = panel_of(pl.read_parquet(REAL).drop(dropped))
    assert told(panel) == REAL_SPLITS
    assert len(panel.warnings) == len(REAL_SPLITS)


def test_the_line_names_symbol_day_and_ratio() -> None:
    """As a person wants to read it."""
    assert str(load_panel(REAL).warnings[0]) == (
        "AAPL, 2000-06-21: the price falls from 101.25 to 50.5 between two bars, likely a 2:1 split that the prices "
        "are not adjusted for"
    )


def test_adjusted_prices_are_quiet() -> None:
    """Nothing is left to say about real prices that were adjusted."""
    assert load_panel(REAL, adjust="adj_close").warnings == ()


@pytest.mark.skipif(find_spec("bokeh_sampledata") is None, reason="needs bokeh_sampledata")
def test_all_prices_of_bokeh_are_quiet_but_for_their_splits() -> None:
    """The published file itself, CSV with upper-case names, compressed."""
    spec = find_spec("bokeh_sampledata")
    assert spec is not None
    assert spec.origin is not None
    panel = load_panel(Path(spec.origin).parent / "_data" / "stocks.csv.gz")
    assert told(panel) == REAL_SPLITS
    assert len(panel.warnings) == len(REAL_SPLITS)


@pytest.mark.parametrize("with_volume", [True, False])
@pytest.mark.parametrize(
    ("new", "old"), [(2, 1), (3, 1), (3, 2), (5, 2), (4, 1), (10, 1), (20, 1), (1, 2), (1, 10), (2, 3)]
)
def test_splits_of_any_usual_ratio_are_found(new: int, old: int, *, with_volume: bool) -> None:
    """In nine of ten walks at least, and with the right ratio."""
    found = [
        ratios(panel_from(jump(walk(seed, start=200), old / new, new / old), with_volume=with_volume))
        for seed in range(20)
    ]
    assert sum(each == [f"{new}:{old}"] for each in found) >= 18
    assert all(each in ([], [f"{new}:{old}"]) for each in found)


def test_crashes_are_no_splits() -> None:
    """A fall at many times the usual volume, or with a wide range, is hardly ever taken for one."""
    rng = np.random.default_rng(5)
    falls = [(rng.uniform(0.2, 0.8), rng.uniform(8, 30)) for _ in range(100)]
    panels = [panel_from(jump(walk(seed), keep, busy, spread=1.08)) for seed, (keep, busy) in enumerate(falls)]
    assert sum(bool(ratios(panel)) for panel in panels) <= 2


@pytest.mark.parametrize("factor", [0.5, 2.0, 1 / 3])
def test_a_simple_ratio_at_high_volume_is_a_crash(factor: float) -> None:
    """The ratio alone says nothing."""
    assert ratios(panel_from(jump(walk(1), factor, 12 / factor))) == []


def test_a_jump_off_the_ratio_is_no_split() -> None:
    """5 % beside 2:1 is a fall."""
    assert ratios(panel_from(jump(walk(1), 0.53))) == []


def test_without_volumes_the_ratio_must_be_nearer() -> None:
    """2.6 % off is too far then, unless volumes vouch for it."""
    bars = jump(walk(1), 0.5)
    bars["open"][AT] = bars["close"][AT - 1] * 0.5 * 1.026
    assert ratios(panel_from(bars)) == ["2:1"]
    assert ratios(panel_from(bars, with_volume=False)) == []


def test_a_wrong_print_is_no_split() -> None:
    """A price that comes back within days was never split."""
    assert ratios(panel_from(jump(walk(1), 0.5, until=AT + 2))) == []


def test_one_jump_of_many_is_no_split() -> None:
    """A symbol that jumps all the time is only wild."""
    bars = walk(1)
    for place in range(40, 80, 6):
        for name in ("open", "high", "low", "close"):
            bars[name][place:] *= 0.5 if place % 12 else 2.0
    assert ratios(panel_from(bars)) == []


@pytest.mark.parametrize("start", [0.01, 0.02, 0.05])
def test_ticks_of_penny_stocks_are_no_splits(start: float) -> None:
    """From one cent to two is a tick."""
    assert [ratios(panel_from(walk(seed, 1000, 0.08, start))) for seed in range(10)] == [[]] * 10


def test_a_single_tick_after_a_standstill_is_no_split() -> None:
    """Nothing else moved, and still it is a tick."""
    prices = np.where(np.arange(100) < AT, 0.01, 0.02)
    bars = dict.fromkeys(("open", "high", "low", "close"), prices) | {"volume": np.ones(100)}
    assert ratios(panel_from(bars)) == []


def test_a_reverse_split_of_a_penny_stock_is_found() -> None:
    """Far more than a few ticks."""
    assert ratios(panel_from(jump(walk(3, start=0.6), 10, 0.1), tick=0.001)) == ["1:10"]


@pytest.mark.parametrize("with_volume", [True, False])
def test_quiet_walks_stay_quiet(*, with_volume: bool) -> None:
    """No false alarm in 40,000 bars."""
    assert [ratios(panel_from(walk(seed, 1000, 0.04), with_volume=with_volume)) for seed in range(40)] == [[]] * 40


def factors_of(bars: Bars, *steps: tuple[int, float]) -> FloatArray:
    """Return adjusted close over close that rises at some bars."""
    factors = np.ones((len(bars["open"]), 1))
    for bar, step in steps:
        factors[bar:] *= step
    return factors


def test_an_adjusted_close_is_believed() -> None:
    """It knows a split at any volume, and a crash that looks like a split."""
    loud, calm = jump(walk(1), 0.5, 50), jump(walk(1), 0.5, 2)
    assert ratios(panel_from(loud)) == []
    assert ratios(panel_from(calm)) == ["2:1"]
    split = find_warnings(panel_from(loud), factors_of(loud, (AT, 2.01)))
    assert [item.problem.split("likely a ")[1][:3] for item in split] == ["2:1"]
    assert find_warnings(panel_from(calm), factors_of(calm, (30, 1.01))) == ()


def test_an_adjusted_close_that_knows_nothing_is_no_evidence() -> None:
    """Then the prices alone are looked at."""
    calm = jump(walk(1), 0.5, 2)
    assert len(find_warnings(panel_from(calm), factors_of(calm))) == 1


def test_a_large_dividend_is_no_split() -> None:
    """The factor changes by no simple ratio, or not as the price does."""
    bars = jump(walk(1), 0.6)
    assert find_warnings(panel_from(bars), factors_of(bars, (AT, 1 / 0.6))) == ()
    assert find_warnings(panel_from(bars), factors_of(bars, (AT, 3.0))) == ()


def flat(days: list[int], price: float = 5.0) -> Panel:
    """Return a symbol whose price moves once, with bars on some days."""
    prices = np.full((len(days), 1), price)
    prices[0] = price + 0.1
    times = np.datetime64("2000-01-01") + np.array(days) * DAY
    return Panel.from_arrays(times, ["A"], open=prices, high=prices, low=prices, close=prices)


def test_a_long_gap_is_told() -> None:
    """A month without a bar in daily prices, not in monthly ones."""
    days = [*range(10), *range(50, 60)]
    assert [str(item) for item in find_warnings(flat(days))] == ["A, 2000-02-20: there is no bar since 2000-01-10"]
    assert find_warnings(flat([day * 31 for day in range(20)])) == ()
    assert find_warnings(flat([*range(10), *range(35, 45)])) == ()
    assert find_warnings(flat([0, 100])) == ()


def test_a_price_that_never_changes_is_told_once() -> None:
    """In twenty bars at least."""
    still = panel_from(dict.fromkeys(("open", "high", "low", "close", "volume"), np.full(20, 5.0)))
    assert [str(item) for item in find_warnings(still)] == ["A, 2000-01-01: the price is 5.0 in all 20 bars"]
    assert find_warnings(flat(list(range(20)))) == ()
    assert find_warnings(still.until(19)) == ()


def test_symbols_without_bars_are_passed_over() -> None:
    """A wide table may have a column of gaps."""
    gaps = np.full((30, 2), np.nan)
    gaps[:, 1] = np.linspace(1, 2, 30)
    days = np.datetime64("2000-01-01") + np.arange(30) * DAY
    assert find_warnings(Panel.from_arrays(days, ["A", "B"], open=gaps, high=gaps, low=gaps, close=gaps)) == ()


@pytest.mark.parametrize("size", [1, 7, 50])
@pytest.mark.parametrize("gaps", [0.0, 0.2])
def test_chunks_are_looked_at_as_one(size: int, gaps: float) -> None:
    """Splits, gaps and standstills are found over the borders of chunks, with the same words."""
    rng = np.random.default_rng(3)
    series = [jump(walk(1), 0.5), jump(walk(2), 3.0), walk(3), jump(walk(4), 0.5, until=AT + 3), jump(walk(5), 0.25)]
    bars = {name: np.column_stack([np.round(each[name], 2) for each in series]) for name in series[0]}
    for name in ("open", "high", "low", "close"):
        bars[name][:, 2] = 20.0
    there = rng.random(bars["open"].shape) >= gaps
    there[AT - 5 : AT - 1] = False
    there[AT + 1 :, 4] = False
    days = np.datetime64("2000-01-01") + np.arange(120) * DAY + np.where(np.arange(120) >= AT - 1, 60, 0) * DAY
    rows = there.any(axis=1)
    arrays = {name: np.where(there, values, np.nan)[rows] for name, values in bars.items()}
    panel = Panel.from_arrays(days[rows], list("ABCDE"), **arrays)
    stream = PanelStream(
        panel.timestamps_ns,
        panel.symbols,
        lambda: (panel.between(first, first + size) for first in range(0, panel.n_bars, size)),
        watch=Watch,
    )
    for _ in stream.chunks():
        pass
    assert stream.warnings == find_warnings(panel)
    assert {word for item in stream.warnings for word in ("split", "since", "in all") if word in item.problem} == {
        "split",
        "since",
        "in all",
    }
