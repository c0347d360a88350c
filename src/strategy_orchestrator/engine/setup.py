"""A run as the kernel's arrays, before its first bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from strategy_orchestrator.arrays import IntArray
from strategy_orchestrator.builtin.rebalancers import ThresholdRebalancer
from strategy_orchestrator.builtin.resolvers import CancelBoth, FirstWins, NetSignal
from strategy_orchestrator.builtin.sizers import EqualSlots
from strategy_orchestrator.engine.asking import ask_costs, ask_schedule, ask_sizer, counted_costs
from strategy_orchestrator.engine.roster import Form, Member
from strategy_orchestrator.errors import AllocationError, ConfigError, Fault, PluginError, unknown_name
from strategy_orchestrator.kernel import layout as at, making
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.contracts import Costs
from strategy_orchestrator.models.panel import PRICE_FIELDS, Panel
from strategy_orchestrator.models.streams import Chunk, Prices
from strategy_orchestrator.money import (
    FRACTION_SCALE,
    WEIGHT_SCALE,
    multiply_exactly,
    plain,
    round_down,
    round_steps,
    to_decimal,
    to_exact,
    to_units,
)

RESOLUTIONS: Final = {FirstWins: at.FIRST_WINS, NetSignal: at.NET_SIGNAL, CancelBoth: at.CANCEL_BOTH}
"""The resolvers that are codes in the loop; everything else is paused for."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What plug-ins contribute to a run, as objects, each with the words by which errors call it.

    Attributes
    ----------
    resolver, rebalancer, sizer, cost_model : object
        None where the options name none.
    """

    resolver: Any
    rebalancer: Any = None
    sizer: Any = None
    cost_model: Any = None
    resolver_where: str = "conflict_resolution_mode"
    rebalancer_where: str = "rebalancer"
    sizer_where: str = "sizer"
    cost_model_where: str = "cost_model"


def allocations_of(members: Sequence[Member], capital_units: int) -> IntArray:
    """Return the first allocations, weight × capital rounded down: int64, shape (N,), quanta.

    Raises
    ------
    AllocationError
        If a weight of the capital is less than one quantum.
    """
    capital = to_decimal(capital_units)
    units = [round_down(multiply_exactly(member.weight, capital), 10**6) for member in members]
    faults = [
        Fault(f"weight of {member.strategy_id}", f"{member.weight:f} of {plain(capital)} is less than 0.000001")
        for member, amount in zip(members, units, strict=True)
        if amount == 0
    ]
    if faults:
        raise AllocationError(faults)
    return np.array(units, np.int64)


def capital_units_of(initial_capital: object) -> int:
    """Return the capital in quanta.

    Raises
    ------
    AllocationError
        If it is not greater than 0, has more than six decimals or is beyond what a ledger holds.
    """
    try:
        units = to_units(initial_capital, "initial_capital")
    except ValueError as error:
        raise AllocationError(getattr(error, "faults", ())) from None
    if units <= 0:
        problem = f"{initial_capital} is not greater than 0"
        raise AllocationError(Fault("initial_capital", problem, "Write for instance Decimal(100000)", initial_capital))
    return units


def market_of(chunk: Chunk, config: OrchestratorConfig, parts: Parts) -> tuple[at.Market, IntArray]:
    """Return prices and what varies with them, and the terms of the symbols.

    Returns
    -------
    Market
        Of the bars of the chunk.
    ndarray
        int64, shape (S, 4): lot, commission a trade, a unit of quantity, fraction of the notional.

    Raises
    ------
    OrchestratorError
        As the plug-ins that are asked and the prices say.
    """
    panel, n_before = chunk.panel, chunk.n_before
    units = panel.units
    if parts.cost_model is None:
        costs = Costs(*(getattr(config, name) for name in Costs.__slots__))
        commissions, slippage = counted_costs(costs, panel, "config")
    else:
        commissions, slippage = ask_costs(parts.cost_model, panel, parts.cost_model_where)
    sizer = np.zeros((0, 0), np.int64)
    if parts.sizer is not None and type(parts.sizer) is not EqualSlots:
        sizer = ask_sizer(parts.sizer, panel, parts.sizer_where)
    scheduled = np.zeros(0, np.bool_)
    if is_asked_to_rebalance(parts):
        scheduled = ask_schedule(parts.rebalancer, panel, parts.rebalancer_where)
    opens, highs, lows, closes = (getattr(units, name)[n_before:] for name in PRICE_FIELDS)
    # One row of slippage holds for all bars.
    slippage = slippage[n_before:] if len(slippage) > 1 else slippage
    market = at.Market(opens, highs, lows, closes, slippage, sizer[n_before:], scheduled[n_before:])
    return market, np.column_stack([_lots(panel, config), commissions])


def _lots(panel: Panel, config: OrchestratorConfig) -> IntArray:
    lots = config.lot_size
    if not isinstance(lots, dict):
        return np.full(panel.n_symbols, to_units(lots, "lot_size"), np.int64)
    unknown = [
        unknown_name(f"lot_size.{name}", "symbol", name, panel.symbols) for name in lots if name not in panel.symbols
    ]
    if unknown:
        raise ConfigError(unknown)
    return np.array([to_units(lots.get(name, 1), f"lot_size.{name}") for name in panel.symbols], np.int64)


def books_of(
    panel: Prices, config: OrchestratorConfig, parts: Parts, members: Sequence[Member], capital_units: int
) -> at.Books:
    """Return the books of a run before its first bar; the terms of the symbols are left to `market_of`."""
    books = making.new_books(len(members), panel.n_symbols)
    run = books.run[0]
    run["n_bars"], run["capital"] = panel.n_bars, capital_units
    run["fills_at_close"] = config.fill_at == "close"
    run["stage"] = at.STAGE_PROTECT if config.fill_at == "close" else at.STAGE_TARGETS
    run["sweeps"] = config.profit_policy == "sweep"
    run["closes_at_end"] = config.close_at_end
    run["resolution"] = RESOLUTIONS.get(type(parts.resolver), at.ASK_RESOLVER)
    run["rebalances"] = at.NEVER
    if is_asked_to_rebalance(parts):
        run["rebalances"] = at.ASK_REBALANCER
    elif config.is_rebalancing:
        run["rebalances"] = at.TO_WEIGHTS
    run["threshold"] = _threshold(config, parts)
    run["asks"] = any(member.form is Form.PER_BAR for member in members)
    allocations = allocations_of(members, capital_units)
    weighted = [member for member in members if member.form is Form.WEIGHTS]
    for member, row in zip(members, books.strategies, strict=True):
        _write_rules(member, row)
        row["weights_place"] = weighted.index(member) if member in weighted else -1
    books.strategies["contributed"] = allocations
    for name in ("cash", "allocated", "equity"):
        books.sleeves[name] = allocations
    run["reserve"] = capital_units - sum(allocations.tolist())
    return books


def is_asked_to_rebalance(parts: Parts) -> bool:
    """Tell whether a rebalancer outside of the loop proposes."""
    return parts.rebalancer is not None and type(parts.rebalancer) is not ThresholdRebalancer


def _threshold(config: OrchestratorConfig, parts: Parts) -> int:
    given = config.rebalance_threshold if "rebalance_threshold" in config.model_fields_set else None
    if parts.rebalancer is not None:
        own = getattr(parts.rebalancer, "drift_tolerance", None)
        given = given if own is None else own
    if given is None:
        return -1
    threshold = to_exact(given, f"{parts.rebalancer_where}, drift_tolerance")
    if not 0 <= threshold <= 1:
        problem = f"its drift tolerance is {threshold}; from 0 to 1 is allowed"
        raise PluginError(Fault(parts.rebalancer_where, problem))
    return round_steps(threshold, WEIGHT_SCALE)


def _write_rules(member: Member, row: at.Record) -> None:
    exits = member.protective_exits
    row["weight"], row["votes"], row["warmup"] = member.weight_steps, member.votes, member.warmup_bars
    for name in ("stop_loss", "take_profit", "trailing_stop"):
        level = getattr(exits, name)
        row[name] = 0 if level is None else round_steps(level, FRACTION_SCALE)
    row["max_holding"], row["sizes"] = exits.max_holding_bars or 0, member.sizes_itself
