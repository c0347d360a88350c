"""Target weights on series so short that each number can be worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from orchestrator_technical import (
    MomentumRotation,
    PairsTrading,
    TimeSeriesMomentum,
    VolatilityTarget,
    YearHighRotation,
)
from orchestrator_technical.parameters import Rebalance
from strategy_orchestrator import Panel, WeightStrategy
from strategy_orchestrator.arrays import FloatArray

GAP = math.nan
NONE = None
"""No weight is asked for."""
FIRST_OF_FEBRUARY = 7
"""Row of 2021-02-01, a Monday, in panels that begin on 2021-01-25, a Monday."""


def panel_of(columns: Mapping[str, Sequence[float]], first: str = "2021-01-25") -> Panel:
    """Make a panel of daily bars, weekends as well."""
    close = np.array(list(columns.values())).T
    times = np.datetime64(first, "ns") + np.arange(len(close)) * np.timedelta64(1, "D")
    return Panel.from_arrays(times, list(columns), open=close, high=close, low=close, close=close)


def asked(weights: FloatArray) -> dict[int, list[float | None]]:
    """Return the rows at which weights are asked for, None for the symbols that are left alone."""
    rows = np.flatnonzero(~np.isnan(weights).all(axis=1)).tolist()
    return {row: [None if math.isnan(value) else value for value in weights[row].tolist()] for row in rows}


def grown(rate: float, n_bars: int = 12) -> list[float]:
    """Return a price that grows by the same rate at every bar."""
    return [100.0 * (1.0 + rate) ** bar for bar in range(n_bars)]


def test_time_series_momentum_scales_a_direction_by_volatility() -> None:
    """Returns of 1 % have 15.9 % a year, so that a target of 8 % fills half a slot, up or down."""
    panel = panel_of({"DOWN": grown(-0.01), "UP": grown(0.01)})
    share = 0.08 / math.sqrt(252 * 0.01**2)
    weights = TimeSeriesMomentum(3, 0.08, 2).weights(panel)
    assert asked(weights) == {FIRST_OF_FEBRUARY: [pytest.approx(-share / 2), pytest.approx(share / 2)]}


def test_time_series_momentum_borrows_nothing_and_may_stay_long() -> None:
    """A slot is the limit for calm prices; who does not sell short is out."""
    panel = panel_of({"DOWN": grown(-0.01), "UP": grown(0.01)})
    assert asked(TimeSeriesMomentum(3, 0.4, 2).weights(panel)) == {FIRST_OF_FEBRUARY: [-0.5, 0.5]}
    assert asked(TimeSeriesMomentum(3, 0.4, 2, side="long").weights(panel)) == {FIRST_OF_FEBRUARY: [0.0, 0.5]}


@pytest.mark.parametrize("options", [(8, 0.4, 2), (3, 0.4, 4)])
def test_time_series_momentum_waits_for_return_and_volatility(options: tuple[int, float, int]) -> None:
    """Eight bars before the first of February there is none; nine returns are more than there are."""
    assert asked(TimeSeriesMomentum(*options).weights(panel_of({"UP": grown(0.01)}))) == {}


def test_volatility_target_divides_the_target_by_the_deviation() -> None:
    """Returns of +1 % and −1 % deviate by 1.41 %, 22.4 % a year; a calm price gets its slot and no more."""
    swing = [100.0 * 1.01 ** math.ceil(bar / 2) * 0.99 ** (bar // 2) for bar in range(12)]
    panel = panel_of({"CALM": [50.0] * 12, "SWING": swing})
    share = 0.1 / (math.sqrt(2 * 0.01**2) * math.sqrt(252))
    assert asked(VolatilityTarget(0.1, 2).weights(panel)) == {FIRST_OF_FEBRUARY: [0.5, pytest.approx(share / 2)]}
    assert asked(VolatilityTarget(0.1, 2, 0.3).weights(panel)) == {FIRST_OF_FEBRUARY: [0.15, 0.15]}


@pytest.mark.parametrize(
    ("rebalance", "rows"),
    [
        ("week", [7, 14, 21, 28, 35, 42, 49, 56, 63]),
        ("month", [7, 35, 66]),
        ("quarter", [66]),
    ],
)
def test_weights_are_renewed_with_the_period(rebalance: Rebalance, rows: list[int]) -> None:
    """On Mondays, on the first of February, March and April, on the first of April."""
    panel = panel_of({"A": [10.0] * 70})
    assert list(asked(VolatilityTarget(lookback_bars=2, rebalance=rebalance).weights(panel))) == rows


def test_a_symbol_without_a_bar_on_the_first_day_is_asked_on_its_own_first() -> None:
    """It rests on 1 February; its period begins on the 2nd."""
    rested = [10.0] * FIRST_OF_FEBRUARY + [GAP] + [10.0] * 4
    panel = panel_of({"A": [10.0] * 12, "B": rested})
    weights = VolatilityTarget(lookback_bars=2).weights(panel)
    assert asked(weights) == {FIRST_OF_FEBRUARY: [0.5, NONE], FIRST_OF_FEBRUARY + 1: [NONE, 0.5]}


RACE = {
    # On 1 February, bar 7, the return from bar 4 to bar 6 counts: +10 %, +20 %, −10 %, 0 %.
    "A": [10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 11.0, 99.0, 99.0, 99.0],
    "B": [10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 12.0, 1.0, 1.0, 1.0],
    "C": [10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 9.0, 9.0, 9.0, 9.0],
    "D": [10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0],
}


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        (MomentumRotation(3, 1, 0.1), [0.0, 1.0, 0.0, 0.0]),
        (MomentumRotation(3, 1, 0.5), [0.5, 0.5, 0.0, 0.0]),
        (MomentumRotation(3, 1, 0.25, side="both"), [0.0, 0.5, -0.5, 0.0]),
        (MomentumRotation(3, 1, 0.5, side="both"), [0.25, 0.25, -0.25, -0.25]),
        # With the bar of the ranking A has risen by 890 %.
        (MomentumRotation(3, 0, 0.25), [1.0, 0.0, 0.0, 0.0]),
        # Nearest to the high of two bars: A, C and D on it, B at 1 ÷ 12; equals go by name.
        (YearHighRotation(2, 0.5), [0.5, 0.0, 0.5, 0.0]),
        (YearHighRotation(2, 0.25, side="both"), [0.5, -0.5, 0.0, 0.0]),
    ],
)
def test_a_rotation_holds_the_best(strategy: WeightStrategy, expected: list[float]) -> None:
    """Winners share the sleeve, or half of it beside the losers; all others are asked to be sold."""
    assert asked(strategy.weights(panel_of(RACE))) == {FIRST_OF_FEBRUARY: expected}


def test_a_rotation_ranks_only_what_has_a_score() -> None:
    """Who is too young is neither bought nor counted; nobody to rank, nothing asked."""
    young = {**RACE, "E": [GAP] * 6 + [10.0, 20.0, 30.0, 40.0]}
    weights = MomentumRotation(3, 1, 0.5).weights(panel_of(young))
    assert asked(weights) == {FIRST_OF_FEBRUARY: [0.5, 0.5, 0.0, 0.0, NONE]}
    assert asked(MomentumRotation(9, 1).weights(panel_of(RACE))) == {}


def test_one_symbol_cannot_be_winner_and_loser() -> None:
    """Long and short, a single symbol is out; long only it is held."""
    alone = panel_of({"A": RACE["A"]})
    assert asked(MomentumRotation(3, 1, side="both").weights(alone)) == {FIRST_OF_FEBRUARY: [0.0]}
    assert asked(MomentumRotation(3, 1).weights(alone)) == {FIRST_OF_FEBRUARY: [1.0]}


def test_a_symbol_that_has_not_traded_since_the_last_ranking_is_not_ranked() -> None:
    """B leads when it is last seen, rests for a whole month, and is sold when it comes back."""
    n_bars = 45
    panel = panel_of(
        {
            "A": [10.0] * n_bars,
            "B": [*grown(0.1, 8), *[GAP] * 32, *[300.0] * 5],
        }
    )
    weights = MomentumRotation(3, 0, 0.5).weights(panel)
    assert asked(weights) == {7: [0.0, 1.0], 35: [1.0, NONE], 40: [NONE, 0.0]}


STILL = [100.0] * 10
SWING = [100.0, 101.0, 100.0, 99.0, 100.0, 101.0, 100.0, 99.0, 100.0, 100.0]
FAR = [100.0, 110.0, 120.0, 130.0, 140.0, 150.0, 160.0, 170.0, 180.0, 190.0]


def pairs_panel(swing: list[float]) -> Panel:
    """Make a panel whose closest pair is A and B, with what B does while it is traded; A stands still."""
    n_bars = len(swing)
    return panel_of({"A": STILL + [100.0] * n_bars, "B": SWING + swing, "C": FAR + [200.0] * n_bars})


def test_a_pair_is_opened_when_it_parts_and_closed_when_it_meets() -> None:
    """The difference deviates by 0.67 %; at 2 % the dearer is sold and the cheaper bought, at 0 % both are left."""
    weights = PairsTrading(10, 8, 1).weights(pairs_panel([99.0, 98.0, 99.0, 97.0, 100.0, 101.0, 102.0]))
    assert asked(weights) == {11: [-0.5, 0.5, NONE], 14: [0.0, 0.0, NONE], 16: [0.5, -0.5, NONE]}


def test_a_pair_that_never_meets_is_left_when_its_period_ends() -> None:
    """At the first bar of the next period all is closed that is not opened anew."""
    weights = PairsTrading(10, 3, 1).weights(pairs_panel([98.0, 98.0, 98.0, 98.0, 98.0]))
    assert asked(weights) == {10: [-0.5, 0.5, NONE], 13: [0.0, 0.0, NONE]}


def test_a_pair_is_looked_at_on_bars_that_both_have() -> None:
    """B rests while it would be opened: nothing happens; and while it would be closed: it is held."""
    weights = PairsTrading(10, 8, 1).weights(pairs_panel([GAP, 98.0, GAP, 98.0, GAP, 100.0, 100.0]))
    assert asked(weights) == {11: [-0.5, 0.5, NONE], 15: [0.0, 0.0, NONE]}


def test_pairs_share_the_sleeve_and_a_symbol_may_be_in_several() -> None:
    """Three pairs of three symbols: A is sold against both, B is bought against both, C is neither on balance."""
    closes = {
        "A": [101.0, 102.0, 100.0] * 4 + [100.0, 130.0],
        "B": [100.0, 101.0, 100.0] * 4 + [100.0, 80.0],
        "C": [100.0, 100.0, 100.0] * 4 + [100.0, 100.0],
    }
    weights = PairsTrading(12, 4, 3, 1.0).weights(panel_of(closes))
    assert asked(weights)[13] == [pytest.approx(-2 / 6), pytest.approx(2 / 6), NONE]


def test_the_closest_pairs_come_first() -> None:
    """Distance and deviation are those of the differences of multiples; a twin of A leaves nothing to trade."""
    close = np.array([STILL, SWING, FAR, [2.0 * price for price in STILL]]).T
    chosen = PairsTrading(10, 5, 3).choose(close)
    assert [(pair.first, pair.second) for pair in chosen] == [(0, 1), (1, 3), (0, 2)]
    assert chosen[0].distance == pytest.approx(4e-4 / 10)
    assert chosen[0].spread == pytest.approx(math.sqrt(4e-4 / 9))


@pytest.mark.parametrize(("coverage", "n_pairs"), [(0.7, 3), (0.8, 1), (1.0, 1)])
def test_pairs_have_bars_enough_in_common(coverage: float, n_pairs: int) -> None:
    """C lacks three bars of ten, so that with more than seven asked for only A and B remain."""
    close = np.array([STILL, SWING, [GAP, GAP, GAP, *FAR[3:]]]).T
    assert len(PairsTrading(10, 5, 5, coverage=coverage).choose(close)) == n_pairs


def test_without_a_pair_nothing_is_asked_for() -> None:
    """One symbol alone has no partner."""
    assert asked(PairsTrading(10, 5).weights(panel_of({"A": SWING * 3}))) == {}
