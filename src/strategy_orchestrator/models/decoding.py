"""Trades and curves of a record, made readable when they are looked at."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from strategy_orchestrator.arrays import AnyArray, IntArray
from strategy_orchestrator.models.records import TRADE, Reason, RunRecord
from strategy_orchestrator.models.results import Decoded
from strategy_orchestrator.models.signals import Direction
from strategy_orchestrator.models.trades import Trade
from strategy_orchestrator.money import to_decimal

_RATIO: Final = Context(prec=40, rounding=ROUND_HALF_EVEN)
_STEP: Final = Decimal("0.000000000001")


def curve_of(record: RunRecord, units: IntArray) -> Decoded[tuple[datetime, Decimal]]:
    """Return money by completed bar, with the times of the bars; made when it is looked at."""
    return Decoded(record.n_bars, lambda bar: (record.panel.timestamps[bar], to_decimal(units[bar])))


def trades_of(record: RunRecord, places: AnyArray) -> Decoded[Trade]:
    """Return some of the trades of a record, made when they are looked at."""
    return Decoded(len(places), lambda place: _trade(record, int(places[place])))


def _trade(record: RunRecord, place: int) -> Trade:
    row = dict(zip(TRADE.names or (), record.trades[place].item(), strict=True))
    entry, exit_ = record.panel.timestamps[row["entry_bar"]], record.panel.timestamps[row["exit_bar"]]
    used = row["entry_notional"] + row["entry_commission"]
    return Trade(
        symbol=record.panel.symbols[row["symbol"]],
        strategy_id=record.strategy_ids[row["strategy"]],
        direction=Direction(row["direction"]),
        entry_date=entry,
        entry_price=to_decimal(row["entry_price"]),
        exit_date=exit_,
        exit_price=to_decimal(row["exit_price"]),
        shares=to_decimal(row["quantity"]),
        pnl=to_decimal(row["pnl"]),
        pnl_pct=_RATIO.quantize(_RATIO.divide(Decimal(row["pnl"]), Decimal(used)), _STEP) if used else Decimal("NaN"),
        duration_days=(exit_ - entry).days,
        exit_reason=Reason(row["reason"]).name.lower(),
        commission=to_decimal(row["entry_commission"] + row["exit_commission"]),
        slippage=to_decimal(row["slippage"]),
        metadata={
            "entry_value": to_decimal(row["entry_notional"]),
            "exit_value": to_decimal(row["exit_notional"]),
        },
    )
