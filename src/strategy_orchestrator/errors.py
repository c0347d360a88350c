"""The errors that every part of the package raises.

::

    OrchestratorError
    ├── InputError (ValueError)       wrong arguments, run file or command line       exit 2
    │   ├── ConfigError               an option, a threshold, an unknown name
    │   ├── AllocationError           weights, capital, ids of strategies
    │   └── MissingExtraError         an optional library is not installed
    ├── DataError (ValueError)        bars or files that cannot be relied upon        exit 4
    ├── RunError                      a run that began and failed                     exit 1
    │   └── StrategyError             a strategy raised or answered with nonsense
    ├── PluginError                   a plug-in that cannot be loaded or misbehaved   exit 3
    │   └── ContractError (AssertionError)  a check of `testing` that a plug-in fails
    └── InvariantError                a broken promise of ours                        exit 6

An error holds one or more `Fault`; its text has one line for each.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

_LONGEST_LINE: Final = 2000


@dataclass(frozen=True, slots=True)
class Fault:
    """Say one thing that is wrong: where, what was expected, what was found, what to do.

    Parameters
    ----------
    where : str
        The place as the user knows it: file, row, field, plug-in, strategy, symbol, bar.
    problem : str
        What was found and what is expected there, one clause or sentence without a final period.
    remedy : str
        What to do about it, one sentence without a final period; empty when `problem` says it.
    value : object
        The value as it was met, for programs.
    """

    where: str
    problem: str
    remedy: str = ""
    value: object = None

    def __str__(self) -> str:
        """Return the fault as one line that a terminal shows as it is; names and values may come from anybody."""
        problem, remedy = (_sentence(text) for text in (self.problem, self.remedy))
        line = " ".join(f"{self.where}: {problem} {remedy}".removeprefix(": ").split())
        if len(line) > _LONGEST_LINE:
            line = f"{line[:_LONGEST_LINE]}..."
        return line if line.isprintable() else "".join(_visible(letter) for letter in line)


def _visible(letter: str) -> str:
    return letter if letter.isprintable() else repr(letter)[1:-1]


def _sentence(text: str) -> str:
    return text if not text or text[-1] in ".?" else f"{text}."


MOST_FAULTS: Final = 20
"""So many faults of data are told one by one."""


def shortened(faults: Sequence[Fault], n_more: int = 0) -> list[Fault]:
    """Return the first faults and the number of the others, those that were only counted included."""
    n_more += max(0, len(faults) - MOST_FAULTS)
    rest = [Fault("", f"and {n_more} more {'fault' if n_more == 1 else 'faults'} of these kinds")] if n_more else []
    return [*faults[:MOST_FAULTS], *rest]


class OrchestratorError(Exception):
    """Base of all errors that the package raises on purpose.

    Parameters
    ----------
    faults : Fault or iterable of Fault
        What is wrong, all at once.
    """

    exit_status: ClassVar[int] = 1

    def __init__(self, faults: Fault | Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))

    def __reduce__(self) -> tuple[type[OrchestratorError], tuple[object, ...]]:
        """Support copying between processes."""
        return type(self), (self.faults,)


class InputError(OrchestratorError, ValueError):
    """Refuse arguments, a run file or a command line."""

    exit_status = 2


class ConfigError(InputError):
    """Refuse an option or a name."""


class AllocationError(InputError):
    """Refuse weights, capital or strategy ids."""


class MissingExtraError(InputError):
    """Ask for an optional library."""


class DataError(OrchestratorError, ValueError):
    """Refuse bars, frames or files."""

    exit_status = 4


class RunError(OrchestratorError):
    """Report a run that began and failed."""


class StrategyError(RunError):
    """Report a strategy that raised or answered with nonsense.

    The fault's `value` is the strategy id; `__cause__` is what the strategy raised.
    """


class PluginError(OrchestratorError):
    """Report a plug-in that cannot be loaded or that misbehaved."""

    exit_status = 3


class ContractError(PluginError, AssertionError):
    """Report that a plug-in fails a check of `strategy_orchestrator.testing`.

    Attributes
    ----------
    check : str
        Name of the check.
    symbol : str or None
        The first symbol at which it fails, where there is one.
    bar : int or None
        Index of the first bar at which it fails, where there is one.
    """

    def __init__(
        self, faults: Fault | Iterable[Fault], check: str = "", symbol: str | None = None, bar: int | None = None
    ) -> None:
        super().__init__(faults)
        self.check = check
        self.symbol = symbol
        self.bar = bar

    def __reduce__(self) -> tuple[type[OrchestratorError], tuple[object, ...]]:
        """Support copying between processes."""
        return type(self), (self.faults, self.check, self.symbol, self.bar)


class InvariantError(OrchestratorError):
    """Report a broken promise of the package itself."""

    exit_status = 6


def kind_of(error: OrchestratorError) -> str:
    """Return the name of the nearest class of this module, which everybody can import."""
    names: list[str] = [known.__name__ for known in type(error).__mro__ if globals().get(known.__name__) is known]
    return names[0]


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name closest to `name`, or None when none is close.

    Examples
    --------
    >>> nearest("momentun", ["buy-and-hold", "momentum"])
    'momentum'
    """
    folded = {item.casefold(): item for item in known}
    matches = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    return folded[matches[0]] if matches else None


def unknown_name(where: str, what: str, name: str, known: Iterable[str]) -> Fault:
    """Describe a name that nothing answers to, with the known ones and the nearest of them.

    Examples
    --------
    >>> str(unknown_name("run.fill_at", "fill time", "nextopen", ["next_open", "close"]))
    "run.fill_at: no fill time is called 'nextopen'; known: 'close', 'next_open'. Did you mean 'next_open'?"
    """
    names = sorted(known)
    listed = ", ".join(repr(item) for item in names) or "none"
    guess = nearest(name, names)
    remedy = "" if guess is None else f"Did you mean {guess!r}?"
    return Fault(where, f"no {what} is called {name!r}; known: {listed}", remedy, name)
