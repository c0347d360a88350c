"""What a check is, and how it says what it found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from strategy_orchestrator.clock import to_text
from strategy_orchestrator.errors import ContractError, Fault, PluginError
from strategy_orchestrator.hooks.guard import guarded
from strategy_orchestrator.models.panel import Panel

Value = TypeVar("Value")

_NOTHING_RAISED: Final = "It must not raise"


@dataclass(frozen=True, slots=True)
class Check:
    """One check, ready to be called; its text names it, as pytest's `ids=str` wants.

    Attributes
    ----------
    name : str
        What is looked at, for instance "perturbation-gaps".
    run : callable
        Raises `ContractError` when the plug-in fails the check.
    """

    name: str
    run: Callable[[], None]

    def __call__(self) -> None:
        """Run the check.

        Raises
        ------
        ContractError
            When the plug-in fails it.
        """
        try:
            self.run()
        except ContractError as error:
            # A report is for the author: it begins with the test and goes on with the plug-in's own lines.
            raise error.with_traceback(None) from error.__cause__

    def __str__(self) -> str:
        """Return the name."""
        return self.name


def run_all(checks: Iterable[Check]) -> None:
    """Run checks one after another; the first that fails raises."""
    for check in checks:
        check()


def named_checks(subject: str, checks: Sequence[Check]) -> list[Check]:
    """Return the checks with the name of what they look at in front of their own."""
    return [replace(check, name=f"{subject}-{check.name}") for check in checks]


@dataclass(frozen=True, slots=True)
class Place:
    """A bar of a panel, perhaps of one symbol."""

    panel: Panel
    bar: int
    column: int | None = None

    @property
    def symbol(self) -> str | None:
        """The symbol, if there is one."""
        return None if self.column is None else self.panel.symbols[self.column]

    def __str__(self) -> str:
        """Return symbol and bar as an error names them."""
        bar = bar_text(self.panel, self.bar)
        return bar if self.symbol is None else f"{self.symbol!r}, {bar}"


def bar_text(panel: Panel, bar: int) -> str:
    """Return the number of a bar and its closing time."""
    return f"bar {bar} ({to_text(panel.timestamps_ns[bar].item())})"


@dataclass(frozen=True, slots=True)
class Trial:
    """One check of one thing: who is looked at and for what.

    Attributes
    ----------
    subject : str
        For instance "strategy 'MomentumSignals'".
    check : str
        Name of the check.
    """

    subject: str
    check: str

    def failed(self, problem: str, remedy: str = "", place: Place | None = None) -> ContractError:
        """Return the error that says what was found."""
        where = f"{self.subject}, check {self.check!r}" + ("" if place is None else f", {place}")
        symbol, bar = (None, None) if place is None else (place.symbol, place.bar)
        return ContractError(Fault(where, problem, remedy), self.check, symbol, bar)

    def call(self, function: Callable[..., Value], *arguments: Any, what: str, place: Place | None = None) -> Value:
        """Call code of the plug-in.

        Parameters
        ----------
        what : str
            What is called, for the error.

        Raises
        ------
        ContractError
            If it raises anything, be it `SystemExit`.
        """
        try:
            return guarded(lambda: function(*arguments), what, _NOTHING_RAISED)
        except PluginError as error:
            fault = error.faults[0]
            raise self.failed(f"{what} raised {fault.problem}", fault.remedy, place) from error.__cause__
