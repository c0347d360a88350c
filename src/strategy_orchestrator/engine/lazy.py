"""Parts of a state that are made when somebody looks at them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar, Final, TypeVar

from strategy_orchestrator.arrays import FloatArray
from strategy_orchestrator.models.signals import Signal
from strategy_orchestrator.models.states import BacktestState, OrchestratorState
from strategy_orchestrator.models.trades import Position

Value = TypeVar("Value")


class LazyMapping(Mapping[str, Value]):
    """A read-only mapping whose keys and values are made when they are first read.

    What it is made of moves on with the run, so what was not read while the plug-in was asked cannot be read later.

    Parameters
    ----------
    keys : callable
        Returns the keys in their order.
    make : callable
        Makes the value of a key.
    """

    def __init__(self, keys: Callable[[], Iterable[str]], make: Callable[[str], Value]) -> None:
        self._list = keys
        self._make = make
        self._is_open = True
        self._made: dict[str, Value] = {}

    @cached_property
    def _keys(self) -> dict[str, None]:
        self._look()
        return dict.fromkeys(self._list())

    def _look(self) -> None:
        if not self._is_open:
            raise RuntimeError("this part of the state was not read while it was there: read it when you are asked")

    def __getitem__(self, key: str) -> Value:
        """Return the value of a key."""
        if key not in self._keys:
            raise KeyError(key)
        if key not in self._made:
            self._look()
            self._made[key] = self._make(key)
        return self._made[key]

    def __iter__(self) -> Iterator[str]:
        """Return the keys in their order."""
        return iter(self._keys)

    def __len__(self) -> int:
        """Return the number of keys."""
        return len(self._keys)

    def __repr__(self) -> str:
        """Show as a dict as long as that is possible."""
        return repr(dict(self)) if self._is_open else "<a state that is past>"

    def close(self) -> None:
        """Make no more."""
        self._is_open = False


class _Lazy:
    """A frozen record, fields of which are made when they are first read."""

    __slots__ = ()

    _kind: ClassVar[type[Any]]
    _make: Callable[[str], Any]

    def __getattr__(self, name: str) -> Any:
        """Make a field, which was not read before."""
        if name not in self._kind.__slots__:
            raise AttributeError(f"{self._kind.__name__!r} object has no attribute {name!r}")
        value = self._make(name)
        object.__setattr__(self, name, value)
        return value

    def __eq__(self, other: object) -> bool:
        """Compare as any record of its kind."""
        return bool(self._plain() == (other._plain() if isinstance(other, _Lazy) else other))

    def __hash__(self) -> int:
        return hash(self._plain())

    def __repr__(self) -> str:
        return repr(self._plain())

    def __reduce__(self) -> tuple[type[Any], tuple[Any, ...]]:
        return self._kind, tuple(getattr(self, name) for name in self._kind.__slots__)

    def _plain(self) -> Any:
        kind, values = self.__reduce__()
        return kind(*values)


class LazyLedger(_Lazy, BacktestState):
    """A ledger whose four amounts are made when they are read."""

    __slots__ = ("_make",)
    _kind = BacktestState

    @classmethod
    def of(
        cls, timestamp: datetime | None, positions: Mapping[str, Position], make: Callable[[str], Decimal]
    ) -> LazyLedger:
        """Return a ledger; `make` returns an amount by its name, the same whenever it is called."""
        ledger = object.__new__(cls)
        _set_time(ledger, timestamp)
        _set_positions(ledger, positions)
        _set_make(ledger, make)
        return ledger


class LazyState(_Lazy, OrchestratorState):
    """A portfolio whose ledgers and reserve are made when they are read."""

    __slots__ = ("_make",)
    _kind = OrchestratorState

    @classmethod
    def of(
        cls,
        bar: int,
        timestamp: datetime,
        weights: Mapping[str, Decimal],
        signals: tuple[Signal, ...],
        returns: FloatArray,
        make: Callable[[str], Any],
    ) -> LazyState:
        """Return a portfolio; `make` returns one of the other fields by its name."""
        state = object.__new__(cls)
        for set_field, value in zip(_SET_OF_STATE, (bar, timestamp, weights, signals, returns, make), strict=True):
            set_field(state, value)
        return state


def _setter(kind: type[Any], name: str) -> Callable[[object, object], None]:
    # A state is made for each conflict: descriptors set a field in a third of the time of `object.__setattr__`.
    setter: Callable[[object, object], None] = kind.__dict__[name].__set__
    return setter


_set_time, _set_positions = _setter(BacktestState, "timestamp"), _setter(BacktestState, "positions")
_set_make = _setter(LazyLedger, "_make")
_SET_OF_STATE: Final = [
    *(
        _setter(OrchestratorState, name)
        for name in ("current_bar", "timestamp", "weights", "pending_signals", "sleeve_returns")
    ),
    _setter(LazyState, "_make"),
]
