"""Ask per-bar strategies as a run does: one growing history a symbol, entry while flat, exit while in position."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import numpy as np

from strategy_orchestrator.models.bars import BarHistory, HistoricalDataBar, PanelBar, PanelBars
from strategy_orchestrator.models.panel import PRICE_FIELDS, Panel
from strategy_orchestrator.models.signals import Direction
from strategy_orchestrator.models.trades import Position
from strategy_orchestrator.testing.answers import Answers
from strategy_orchestrator.testing.futures import Future
from strategy_orchestrator.testing.sights import Sight, Varied
from strategy_orchestrator.testing.stage import warm_up_of
from strategy_orchestrator.testing.trials import Place, Trial

NOT_ASKED: Final = "not asked"

_CAPITAL: Final = Decimal(100_000)
_SHARES: Final = Decimal(100)
_QUESTIONS: Final = ("should_enter", "should_exit")
_ARRAYS: Final = ("timestamps_ns", *PRICE_FIELDS, "volume")


class Unfolding:
    """The prices of a panel as far as time has come; afterwards there is nothing, or another future.

    It has the fields of `PanelBars`, and bars may be made of it.

    Parameters
    ----------
    future : Future
        What lies ahead.
    """

    def __init__(self, future: Future) -> None:
        self._panel = future.panel.units
        self._is_cut = future.other is None
        shown = self._panel if future.other is None else future.other.units
        self._arrays = {name: getattr(shown, name).copy() for name in _ARRAYS}
        self.symbols = shown.symbols
        self.is_split_adjusted = self._panel.is_split_adjusted
        self.is_dividend_adjusted = self._panel.is_dividend_adjusted
        self.show(0)

    def show(self, bar: int) -> None:
        """Let time come to a bar."""
        for name, array in self._arrays.items():
            array[bar] = getattr(self._panel, name)[bar]
            shown = array[: bar + 1] if self._is_cut else array[:]
            shown.flags.writeable = False
            setattr(self, name, shown)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question put to a strategy, with what it was given.

    Attributes
    ----------
    history : BarHistory
        What it was given.
    bars : list of HistoricalDataBar
        Equal bars that nobody was given.
    position : Position or None
        What it was given of the position, and
    kept_position : Position or None
        a copy of it from before.
    """

    place: Place
    question: str
    history: BarHistory
    bars: list[HistoricalDataBar]
    position: Position | None
    kept_position: Position | None


Look = Callable[[Asked], None]


@dataclass(frozen=True, slots=True)
class Forget:
    """Cut the histories at every so many bars, to so many."""

    every: int
    n_bars: int


def look_away(asked: Asked) -> None:
    """Do nothing after a question."""
    del asked


class _Drive:
    # One strategy over one panel.
    def __init__(self, trial: Trial, strategy: Any, panel: Panel, look: Look) -> None:
        self.trial = trial
        self.strategy = strategy
        self.panel = panel
        self.look = look
        self.warm_up = warm_up_of(strategy)
        self.histories = [BarHistory() for _ in panel.symbols]
        self.bars: list[list[HistoricalDataBar]] = [[] for _ in panel.symbols]
        self.positions: dict[int, Position] = {}
        self.pending: dict[int, str] = {}
        self.answers = {name: np.full(panel.traded.shape, NOT_ASKED) for name in _QUESTIONS}

    def close(self, bar: int, column: int, source: PanelBars) -> None:
        item, twin = PanelBar(source, bar, column), PanelBar(source, bar, column)
        # The history refuses to be changed by its own methods only.
        list.append(self.histories[column], item)
        self.bars[column].append(twin)
        self._fill(bar, column, twin)
        if bar < self.warm_up:
            return
        position = self.positions.get(column)
        question = "should_enter" if position is None else "should_exit"
        says_yes = self._ask(bar, column, question, position)
        if says_yes:
            self.pending[column] = question
        self.answers[question][bar, column] = str(says_yes)

    def forget(self, n_bars: int) -> None:
        for column, history in enumerate(self.histories):
            self.histories[column] = kept = BarHistory()
            list.extend(kept, history[max(0, len(history) - n_bars) :])

    def _ask(self, bar: int, column: int, question: str, position: Position | None) -> bool:
        place = Place(self.panel, bar, column)
        history = self.histories[column]
        kept = None if position is None else replace(position)
        arguments = (history,) if position is None else (position, history)
        found = self.trial.call(getattr(self.strategy, question), *arguments, what=question, place=place)
        if not isinstance(found, bool | np.bool_):
            raise self.trial.failed(f"{question} returned {found!r}", "Return True or False", place)
        self.look(Asked(place, question, history, self.bars[column], position, kept))
        return bool(found)

    def _fill(self, bar: int, column: int, item: HistoricalDataBar) -> None:
        order = self.pending.pop(column, None)
        if order == "should_exit":
            del self.positions[column]
        elif order == "should_enter":
            shares = self._size(Place(self.panel, bar, column), item.open)
            if shares > 0:
                name = f"{type(self.strategy).__name__}_0"
                self.positions[column] = Position(
                    item.symbol, name, Direction.LONG, shares, item.open, item.timestamp, shares * item.open
                )

    def _size(self, place: Place, price: Decimal) -> Decimal:
        if not hasattr(self.strategy, "position_size"):
            return _SHARES
        what = "position_size"
        found = self.trial.call(self.strategy.position_size, _CAPITAL, price, what=what, place=place)
        try:
            shares = Decimal(str(found))
        except InvalidOperation:
            shares = Decimal("NaN")
        if isinstance(found, bool) or not shares.is_finite() or shares < 0:
            raise self.trial.failed(f"{what} returned {found!r}", "Return a quantity, 0 or more", place)
        return shares


def drive(  # noqa: PLR0913  # who, over what, and in what ways
    trial: Trial,
    strategy: Any,
    panel: Panel,
    *,
    future: Future | None = None,
    n_rows: int | None = None,
    look: Look = look_away,
    forget: Forget | None = None,
) -> Answers:
    """Ask a strategy about the bars of every symbol of a panel, in the order of time.

    Parameters
    ----------
    future : Future, optional
        What lies ahead of every bar; the later bars of the panel themselves by default.
    n_rows : int, optional
        Of so many bars only; all by default.
    look : callable
        Called after every question.
    forget : Forget, optional
        When to cut the histories, as in a run over chunks.

    Returns
    -------
    Answers
        Arrays of text should_enter and should_exit, shape (T, S): "True", "False", and "not asked".

    Raises
    ------
    ContractError
        If the strategy raises, or returns something else than a bool or a quantity.
    """
    source = panel.units if future is None else Unfolding(future)
    course = _Drive(trial, strategy, panel, look)
    for bar in range(panel.n_bars if n_rows is None else n_rows):
        if forget is not None and bar % forget.every == 0:
            course.forget(forget.n_bars)
        if isinstance(source, Unfolding):
            source.show(bar)
        for column in np.flatnonzero(panel.traded[bar]).tolist():
            course.close(bar, column, source)  # type: ignore[arg-type]  # it has the fields
    return Answers(course.answers, {})


def sight_of_driven(trial: Trial, make: Callable[[], Any]) -> Sight:
    """Return the sight of a per-bar strategy: one drive looks at every bar, for the history ends at the current one."""

    def ask(panel: Panel) -> Answers:
        return drive(trial, make(), panel)

    def ask_varied(future: Future, bars: Sequence[int]) -> Iterator[Varied]:
        del bars
        yield Varied(drive(trial, make(), future.panel, future=future), future.panel.n_bars)

    def ask_until(panel: Panel, n_rows: int) -> Answers:
        return drive(trial, make(), panel, n_rows=n_rows)

    return Sight(ask, ask_varied, ask_until)
