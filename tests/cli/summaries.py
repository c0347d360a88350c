"""Summaries of runs that never took place, for what prints them."""

from __future__ import annotations

from typing import Any


def metrics(**changes: Any) -> dict[str, Any]:
    """Return the measures of one strategy."""
    base: dict[str, Any] = {
        "total_return": "1.23456",
        "annualized_return": "0.08",
        "cagr": "0.0636",
        "volatility": "0.2131",
        "sharpe_ratio": "0.41",
        "sortino_ratio": "0.6",
        "calmar_ratio": "0.1",
        "max_drawdown": "0.4512",
        "max_drawdown_duration_days": 1200,
        "win_rate": "0.385",
        "profit_factor": "1.4",
        "average_win": "10",
        "average_loss": "-5",
        "expectancy": "1",
        "exposure": "0.7",
        "turnover": "3",
        "total_trades": 1234,
        "winning_trades": 475,
        "losing_trades": 758,
        "flat_trades": 1,
        "extra": {},
        "undefined": {},
    }
    return base | changes


def strategy(**changes: Any) -> dict[str, Any]:
    """Return one strategy."""
    base: dict[str, Any] = {
        "weight_at_start": "0.33",
        "weight_at_end": "0.412345678901",
        "initial_capital": "33000",
        "final_equity": "73740.48",
        "metrics": metrics(),
        "metrics_without_end_of_data": metrics(),
        "activity": {"n_signals": 9, "explanation": ""},
        "is_ruined": False,
        "is_quarantined": False,
        "data_warnings": [],
        "timing": {},
    }
    return base | changes


def summary(**changes: Any) -> dict[str, Any]:
    """Return a summary as `models.summary.summary_of` makes it."""
    names = ("BuyAndHoldStrategy_0", "MomentumStrategy_0", "RSIStrategy_0")
    base: dict[str, Any] = {
        "fingerprint": "ab" * 32,
        "completed_at": "2026-01-02T03:04:05Z",
        "execution_time_seconds": "0.31",
        "options": {"conflict_resolution_mode": "FIRST_WINS"},
        "strategy_ids": list(names),
        "period": {"first": "2000-03-01T00:00:00Z", "last": "2013-03-01T00:00:00Z", "bars": 3270},
        "counts": {"strategies": 3, "symbols": 5, "bars": 3270, "trades": 3702, "decisions": {}},
        "aggregate": {
            "initial_capital": "100000",
            "final_equity": "221221.44",
            "reserve_at_start": "1000",
            "reserve_at_end": "1000",
            "metrics": metrics(),
        },
        "strategies": {name: strategy() for name in names},
        "comparison_table": {},
        "conflicts": {
            "mode": "FIRST_WINS",
            "detected": 17,
            "outcomes": {"sell": 4, "neither": 3, "buy": 10},
            "by_symbol": {"AAPL": 5, "IBM": 12},
            "dropped_by_strategy": {"RSIStrategy_0": 11},
        },
        "capital_limit": {
            "blocked": 3,
            "blocked_by_reason": {"no_cash": 2, "below_lot": 1},
            "blocked_by_strategy": {"RSIStrategy_0": 3},
            "cut": 25,
            "cut_by_strategy": {"MomentumStrategy_0": 25},
        },
        "correlation": {
            "pairs": [
                {"first": names[0], "second": names[1], "value": "0.91", "n_days": 3269, "is_weak": False},
                {"first": names[0], "second": names[2], "value": "0.12", "n_days": 20, "is_weak": True},
                {"first": names[1], "second": names[2], "value": None, "n_days": 3269, "is_weak": False},
            ],
            "diversifying": [[names[0], names[2]]],
            "redundant": [[names[0], names[1]]],
        },
        "rebalancing": {
            "n_rebalances": 2,
            "transferred": "1234.5",
            "sold": "1000",
            "commission": "1",
            "slippage": "0.5",
            "turnover": "0.011",
        },
        "profit_by_symbol": {},
        "periods_per_year": "252",
        "periods_source": "calendar XNYS",
        "data_warnings": ["AAPL, 2000-06-21: close falls to 0.505 of the bar before; a split of 2:1 is likely"],
        "timing": {"compile_seconds": "1.2", "run_seconds": "0.02"},
        "plugins": [],
    }
    return base | changes
