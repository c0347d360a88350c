"""What the whole held at each bar, and what sleeves held and traded against one another."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np

from strategy_orchestrator.analysis.fills import Fills, fills_of, slippage_of
from strategy_orchestrator.analysis.numbers import groups_of, half_even, market_values
from strategy_orchestrator.arrays import IntArray, row_sums
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.models.records import RunRecord
from strategy_orchestrator.models.results import Exposure
from strategy_orchestrator.models.streams import chunks_of
from strategy_orchestrator.money import to_decimal


class _Part(NamedTuple):
    """One fill among those of one symbol and bar."""

    strategy: int
    direction: int
    quantity: int
    cost: int


def exposure_of(record: RunRecord, config: OrchestratorConfig) -> Exposure:
    """Return gross, net and crossed exposure of every completed bar, and what netting would have saved.

    Net exposure is what would be held if all sleeves traded from one account: quantities are added up over the sleeves
    in each symbol and marked at the last known close. Gross is made of positions that were each rounded by themselves;
    where that would make net the larger by some quanta, net is gross.

    The saving: in each symbol and bar, what some sleeves bought and others sold is matched, as much as can be without
    matching a sleeve with itself. The matched quantity would have needed no fill; it saves its share, pro rata to
    quantity, of the commission and slippage of all that was bought and of all that was sold there, each rounded half
    to even. What is fixed for each fill is saved in the same proportion.
    """
    fills = fills_of(record)
    gross = row_sums(record.gross[: record.n_bars])
    net = np.minimum(_net(record, fills), gross)
    return Exposure(gross, net, gross - net, to_decimal(_netting_saving(record, fills, config)))


def _net(record: RunRecord, fills: Fills) -> IntArray:
    net = np.zeros(record.n_bars, np.int64)
    quantity = fills.quantity * fills.direction
    holdings = _Holdings(dict(groups_of(fills.symbol)), Counter(), Counter())
    for chunk in chunks_of(record.panel):
        panel = chunk.own
        # One symbol at a time, so that memory stays with the bars.
        for symbol, mine in holdings.fills.items():
            first, end = np.searchsorted(fills.bar[mine], [chunk.first_bar, chunk.end]).tolist()
            changes = np.zeros(chunk.n_bars, np.int64)
            changes[0] = holdings.held[symbol]
            np.add.at(changes, fills.bar[mine[first:end]] - chunk.first_bar, quantity[mine[first:end]])
            held, closes = np.cumsum(changes), _last_closes(panel, symbol, holdings.closes[symbol])
            holdings.held[symbol], holdings.closes[symbol] = int(held[-1]), int(closes[-1])
            bars = min(chunk.n_bars, record.n_bars - chunk.first_bar)
            net[chunk.first_bar : chunk.end] += market_values(np.abs(held), closes)[:bars]
        if chunk.end >= record.n_bars:
            break
    return net


class _Holdings(NamedTuple):
    """What is held by symbol at the end of a chunk, the last known closes, and where the fills of each symbol are."""

    fills: dict[int, IntArray]
    held: Counter[int]
    closes: Counter[int]


def _last_closes(panel: Panel, symbol: int, before: int) -> IntArray:
    # 0 before the first bar of the run, when nothing can be held.
    traded = panel.traded[:, symbol]
    last = np.maximum.accumulate(np.where(traded, np.arange(panel.n_bars), -1))
    closes: IntArray = np.where(last >= 0, panel.units.close[last, symbol], before)
    return closes


def _netting_saving(record: RunRecord, fills: Fills, config: OrchestratorConfig) -> int:
    cells = fills.bar * record.panel.n_symbols + fills.symbol
    buys = fills.direction > 0
    wanted = np.isin(cells, np.intersect1d(cells[buys], cells[~buys]))
    groups: dict[int, list[_Part]] = {}
    for place, slippage in slippage_of(record, fills, config, wanted).items():
        cost = int(fills.commission[place]) + slippage
        part = _Part(int(fills.strategy[place]), int(fills.direction[place]), int(fills.quantity[place]), cost)
        groups.setdefault(int(cells[place]), []).append(part)
    return sum(map(_saved, groups.values()))


def _saved(parts: list[_Part]) -> int:
    quantities, costs = Counter[int](), Counter[int]()
    by_sleeve = Counter[int]()
    for part in parts:
        quantities[part.direction] += part.quantity
        costs[part.direction] += part.cost
        by_sleeve[part.strategy] += part.quantity
    # A sleeve's fills can only meet those of the others (max-flow, min-cut).
    everything = sum(quantities.values())
    matched = min(*quantities.values(), *(everything - own for own in by_sleeve.values()))
    return sum(half_even(costs[side] * matched, quantities[side]) for side in quantities)
