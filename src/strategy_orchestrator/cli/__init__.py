"""The command `orchestrate`: one small file a command, and the one place that ends the program.

`group` lists the commands; `run`, `check` and `demo` start a process (`supervise`) in which `worker` does the work and
reports by `messages`; `tables` and `output` print. Nothing is loaded before it is needed.
"""

from __future__ import annotations

import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Final, NoReturn, TypeVar

from strategy_orchestrator.errors import Fault, InvariantError, OrchestratorError, RunError

_Result = TypeVar("_Result")
_BY_SIGNAL: Final = 128
_SIGPIPE: Final = 13


class Interrupted(BaseException):
    """Tell that a signal asked us to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_status = _BY_SIGNAL + number
        self.kept: str | None = None
        """Where what was done until then is saved."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and end the program with its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(status_of(given))


def status_of(arguments: list[str]) -> int:
    """Run the command line and return its exit status."""
    # click is slow to load, and the worker, which shares this package, has no use for it.
    from strategy_orchestrator.cli.group import invoke
    from strategy_orchestrator.cli.output import make_streams_safe, show_error, show_interrupt, silence_output

    make_streams_safe()
    as_json = "--json" in arguments
    try:
        outcome = attempt(lambda: invoke(arguments), debug="--debug" in arguments)
    except KeyboardInterrupt:
        return show_interrupt(_BY_SIGNAL + signal.SIGINT, as_json=as_json)
    except Interrupted as signaled:
        return show_interrupt(signaled.exit_status, as_json=as_json, folder=signaled.kept)
    if isinstance(outcome, OrchestratorError) and isinstance(outcome.__cause__, BrokenPipeError):
        # Whoever read our output has enough of it, as `head` has after some lines.
        silence_output()
        return _BY_SIGNAL + _SIGPIPE
    if isinstance(outcome, OrchestratorError):
        return show_error(outcome, as_json=as_json)
    return outcome


def attempt(action: Callable[[], _Result], *, debug: bool) -> _Result | OrchestratorError:
    """Return what an action returns, or why it failed.

    What nobody expected becomes an `InvariantError`, for it is our defect; its traceback is shown with `debug` only.
    An interrupt from the keyboard passes through.
    """
    try:
        return action()
    except OrchestratorError as error:
        found = error
    except SystemExit as error:
        problem = f"something in the process asked it to end with {error.code!r}"
        found = RunError(Fault("orchestrate", problem, "Look for sys.exit or exit in the plug-ins and strategies"))
    except MemoryError:
        found = RunError(Fault("orchestrate", "the memory of the machine is used up", "Use fewer symbols or bars"))
    except Exception as error:  # noqa: BLE001  # the one place: what nobody expected gets one line
        problem = f"unexpected {type(error).__name__}: {error}"
        found = InvariantError(
            Fault("orchestrate", problem, "This is our defect; --debug shows the traceback to report")
        )
        found.__cause__ = error
    if debug:
        traceback.print_exception(found)
    return found
