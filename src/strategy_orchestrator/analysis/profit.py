"""Where the realized profit came from."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from strategy_orchestrator.analysis.numbers import sums_by
from strategy_orchestrator.models.records import RunRecord
from strategy_orchestrator.money import to_decimal


def profit_by_symbol(record: RunRecord) -> dict[str, dict[str, Decimal]]:
    """Return the realized profit, net of costs, by strategy id and then by symbol.

    Every strategy is there, in the order of the list; of the symbols those that it closed a trade in, sorted. The sums
    are exact.
    """
    n_symbols = record.panel.n_symbols
    cells = record.trades["strategy"].astype(np.int64) * n_symbols + record.trades["symbol"]
    n_trades = np.bincount(cells, minlength=len(record.strategy_ids) * n_symbols)
    distinct = np.flatnonzero(n_trades)
    places = np.cumsum(n_trades > 0) - 1
    profits = sums_by(places[cells], record.trades["pnl"], len(distinct))
    table: dict[str, dict[str, Decimal]] = {name: {} for name in record.strategy_ids}
    for cell, profit in zip(distinct.tolist(), profits, strict=True):
        strategy, symbol = divmod(cell, n_symbols)
        table[record.strategy_ids[strategy]][record.panel.symbols[symbol]] = to_decimal(profit)
    return table
