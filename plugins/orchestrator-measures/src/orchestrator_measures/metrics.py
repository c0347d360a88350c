"""The measures as callables `(equity, trades) -> float`: each takes what its rule is about and leaves the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from orchestrator_measures import rules
from orchestrator_measures.parameters import OmegaParameters, TailParameters
from strategy_orchestrator.arrays import AnyArray, FloatArray
from strategy_orchestrator.models.validation import checked
from strategy_orchestrator.money import SCALE


@dataclass(frozen=True, slots=True)
class OfEquity:
    """Measure the equity itself."""

    rule: Callable[[FloatArray], float]

    def __call__(self, equity: FloatArray, trades: AnyArray, /) -> float:
        """Return the measure."""
        del trades
        return self.rule(equity)


@dataclass(frozen=True, slots=True)
class OfDrawdowns:
    """Measure the drawdowns of all bars."""

    rule: Callable[[FloatArray], float]

    def __call__(self, equity: FloatArray, trades: AnyArray, /) -> float:
        """Return the measure."""
        del trades
        return self.rule(rules.drawdowns(equity))


@dataclass(frozen=True, slots=True)
class OfReturns:
    """Measure the returns from bar to bar; the first bar has none."""

    rule: Callable[[FloatArray], float]

    def __call__(self, equity: FloatArray, trades: AnyArray, /) -> float:
        """Return the measure."""
        del trades
        return self.rule(rules.bar_returns(equity))


@dataclass(frozen=True, slots=True)
class OfProfits:
    """Measure the profits of the trades, money."""

    rule: Callable[[FloatArray], float]

    def __call__(self, equity: FloatArray, trades: AnyArray, /) -> float:
        """Return the measure."""
        del equity
        return self.rule(trades["pnl"] / SCALE)


@dataclass(frozen=True, slots=True)
class OfTradeReturns:
    """Measure the profits of the trades over what was paid for them."""

    rule: Callable[[FloatArray], float]

    def __call__(self, equity: FloatArray, trades: AnyArray, /) -> float:
        """Return the measure."""
        del equity
        paid = trades["entry_notional"] + trades["entry_commission"]
        return self.rule(trades["pnl"][paid > 0] / paid[paid > 0].astype(np.float64))


def ulcer_index() -> OfDrawdowns:
    """Make the measure `ulcer-index`."""
    return OfDrawdowns(rules.ulcer_index)


def pain_index() -> OfDrawdowns:
    """Make the measure `pain-index`."""
    return OfDrawdowns(rules.pain_index)


def recovery_factor() -> OfEquity:
    """Make the measure `recovery-factor`."""
    return OfEquity(rules.recovery_factor)


def omega(threshold: float = 0.0) -> OfReturns:
    """Make the measure `omega`; the threshold is a return of one bar, in [-1, 1]."""
    options = checked(OmegaParameters, "omega", {"threshold": threshold})
    return OfReturns(partial(rules.omega, threshold=options.threshold))


def gain_to_pain() -> OfReturns:
    """Make the measure `gain-to-pain`."""
    return OfReturns(rules.gain_to_pain)


def tail_ratio(tail: float = 0.05) -> OfReturns:
    """Make the measure `tail-ratio`; the tail is a share of the returns, in (0, 0.5)."""
    options = checked(TailParameters, "tail_ratio", {"tail": tail})
    return OfReturns(partial(rules.tail_ratio, tail=options.tail))


def expected_shortfall(tail: float = 0.05) -> OfReturns:
    """Make the measure `expected-shortfall`; the tail is a share of the returns, in (0, 0.5)."""
    options = checked(TailParameters, "expected_shortfall", {"tail": tail})
    return OfReturns(partial(rules.expected_shortfall, tail=options.tail))


def payoff_ratio() -> OfProfits:
    """Make the measure `payoff-ratio`."""
    return OfProfits(rules.payoff_ratio)


def system_quality_number() -> OfTradeReturns:
    """Make the measure `system-quality-number`."""
    return OfTradeReturns(rules.system_quality_number)
