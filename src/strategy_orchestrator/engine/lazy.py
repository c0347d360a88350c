"""Parts of a state that are made when somebody looks at them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Final, TypeVar

from strategy_orchestrator.models.states import BacktestState
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


class LazyLedger(BacktestState):
    """A ledger whose four amounts are made when one of them is first read."""

    __slots__ = ("_make",)

    _make: Callable[[], Mapping[str, Decimal]]

    @classmethod
    def of(
        cls,
        timestamp: datetime | None,
        positions: Mapping[str, Position],
        make: Callable[[], Mapping[str, Decimal]],
    ) -> LazyLedger:
        """Return a ledger; `make` returns the amounts by name, the same whenever it is called."""
        ledger = object.__new__(cls)
        _set_timestamp(ledger, timestamp)
        _set_positions(ledger, positions)
        _set_make(ledger, make)
        return ledger

    def __getattr__(self, name: str) -> Decimal:
        """Make the amounts, which were not read before."""
        amounts = self._make() if name in _AMOUNTS else {}
        if name not in amounts:
            raise AttributeError(f"{BacktestState.__name__!r} object has no attribute {name!r}")
        for each, amount in amounts.items():
            object.__setattr__(self, each, amount)
        return amounts[name]

    def __eq__(self, other: object) -> bool:
        """Compare as any ledger."""
        return self._plain() == (other._plain() if isinstance(other, LazyLedger) else other)

    __hash__ = BacktestState.__hash__

    def __repr__(self) -> str:
        return repr(self._plain())

    def __reduce__(self) -> tuple[type[BacktestState], tuple[object, ...]]:
        return BacktestState, tuple(getattr(self, name) for name in BacktestState.__slots__)

    def _plain(self) -> BacktestState:
        kind, values = self.__reduce__()
        return kind(*values)  # type: ignore[arg-type]  # its own fields


_AMOUNTS: Final = frozenset({"cash", "equity", "allocated_capital", "used_capital"})
# A state is made for each conflict: descriptors set a field in a third of the time of `object.__setattr__`.
_set_timestamp = BacktestState.__dict__["timestamp"].__set__
_set_positions = BacktestState.__dict__["positions"].__set__
_set_make = LazyLedger.__dict__["_make"].__set__
