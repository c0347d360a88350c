"""What strategies say: arrays of signals, single signals, protective exits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Final

from strategy_orchestrator.arrays import BoolArray
from strategy_orchestrator.errors import ConfigError, Fault, InputError
from strategy_orchestrator.money import FRACTION_SCALE, to_exact, to_steps


class Direction(IntEnum):
    """The way an order trades or the side on which a position is held."""

    LONG = 1
    SHORT = -1


class SignalKind(StrEnum):
    """What a strategy wants of a position."""

    ENTER = "enter"
    EXIT = "exit"
    REVERSE = "reverse"
    WEIGHT = "weight"


@dataclass(frozen=True, slots=True)
class Signal:
    """One strategy's wish on one symbol at one bar, as conflict resolvers see it.

    Attributes
    ----------
    direction : Direction
        The way the order would trade: `LONG` buys, `SHORT` sells. The exit of a long position sells.
    kind : SignalKind
        Entry, exit, reversal or target weight.
    weight : Decimal
        Configured weight of the strategy.
    timestamp : datetime
        Close of the deciding bar, aware, UTC.
    """

    strategy_id: str
    symbol: str
    direction: Direction
    kind: SignalKind
    weight: Decimal
    timestamp: datetime


@dataclass(frozen=True, slots=True, eq=False)
class Signals:
    """What a vectorized strategy wants at the close of every bar.

    Attributes
    ----------
    entries, exits : ndarray
        bool, shape (T, S): enter long, leave long.
    short_entries, short_exits : ndarray or None
        bool, shape (T, S): enter short, leave short.
    """

    entries: BoolArray
    exits: BoolArray
    short_entries: BoolArray | None = None
    short_exits: BoolArray | None = None


_LEVELS: Final = ("stop_loss", "take_profit", "trailing_stop")


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


@dataclass(frozen=True, slots=True)
class ProtectiveExits:
    """Levels and a time limit at which the kernel leaves a position without asking the strategy.

    Parameters
    ----------
    stop_loss, take_profit : Decimal, optional
        Fraction of the average entry price: 0.05 is 5 %. A stop lies within (0, 1); a target above 0.
    trailing_stop : Decimal, optional
        Fraction of the best price since entry, within (0, 1).
    max_holding_bars : int, optional
        Leave at the close of this bar of the position, at least 1.

    Raises
    ------
    ConfigError
        With one fault for each value out of bounds.
    """

    stop_loss: Decimal | None = None
    take_profit: Decimal | None = None
    trailing_stop: Decimal | None = None
    max_holding_bars: int | None = None

    def __post_init__(self) -> None:
        faults: list[Fault] = []
        for name in _LEVELS:
            value = getattr(self, name)
            if value is None:
                continue
            where = f"ProtectiveExits.{name}"
            try:
                exact = to_exact(value, where)
                to_steps(exact, FRACTION_SCALE, where)
            except InputError as error:
                faults.extend(error.faults)
                continue
            object.__setattr__(self, name, exact)
            if exact <= 0 or (exact >= 1 and name != "take_profit"):
                bounds = "greater than 0" if name == "take_profit" else "between 0 and 1"
                faults.append(Fault(where, f"{value} is not {bounds}; 0.05 is 5 %", value=value))
        bars = self.max_holding_bars
        if bars is not None and not _is_count(bars):
            faults.append(Fault("ProtectiveExits.max_holding_bars", f"{bars!r} is not a whole number from 1 up"))
        if faults:
            raise ConfigError(faults)

    @property
    def has_levels(self) -> bool:
        """Whether any price level is set."""
        return any(getattr(self, name) is not None for name in _LEVELS)
