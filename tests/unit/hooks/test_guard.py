"""Whatever the code of a plug-in raises becomes one of our errors, in one line."""

from __future__ import annotations

import json
import os
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from strategy_orchestrator.errors import ConfigError, Fault, PluginError, RunError
from strategy_orchestrator.hooks.guard import described, guarded, is_foreign, one_line, place_of, printable
from tests.unit.hooks.packs import Site


class MuteError(Exception):
    """An error whose message cannot be made."""

    def __str__(self) -> str:
        """Fail."""
        raise SystemExit(1)


def raising(error: BaseException) -> Callable[[], NoReturn]:
    """Return something that raises."""

    def call() -> NoReturn:
        raise error

    return call


def test_what_a_call_returns_is_returned() -> None:
    """Nothing else happens."""
    assert guarded(lambda: 5, "here") == 5


CASES: dict[str, tuple[BaseException, str]] = {
    "an exception": (ValueError("wrong"), "ValueError: wrong"),
    "without words": (ValueError(), "ValueError"),
    "of several lines": (ValueError("a\n  b\x1b[31m"), "ValueError: a b [31m"),
    "an exit": (SystemExit(0), "it asked to end the program, SystemExit(0)"),
    "a generator's end": (GeneratorExit(), "GeneratorExit"),
    "without a message": (MuteError(), "MuteError: its message cannot be read"),
    "one of ours": (ConfigError(Fault("a", "b")), "a: b."),
    "a long one": (ValueError("x" * 1_000), f"ValueError: {'x' * 288}..."),
}


@pytest.mark.parametrize("case", CASES)
def test_whatever_is_raised_is_one_line(case: str) -> None:
    """With the place in the plug-in, and what was raised as the cause."""
    error, text = CASES[case]
    with pytest.raises(PluginError) as caught:
        guarded(raising(error), "here", "Mend it", value=3)
    (fault,) = caught.value.faults
    assert fault.problem.startswith(f"{text} ({__file__}, line ")
    assert (fault.where, fault.remedy, fault.value) == ("here", "Mend it", 3)
    assert caught.value.__cause__ is error


def test_the_error_can_be_chosen() -> None:
    """A strategy that fails fails its run."""
    with pytest.raises(RunError):
        guarded(raising(ValueError()), "here", error=RunError)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError()])
def test_some_pass_through(error: BaseException) -> None:
    """An interrupt of the user unless told otherwise."""
    passing = (type(error),)
    with pytest.raises(type(error)):
        guarded(raising(error), "here", passing=passing)


def test_the_place_is_in_the_package_that_was_called_first(site: Site) -> None:
    """Neither in a library that it calls nor in ours."""
    path = site.write("odd", "import json\ndef call():\n    return json.loads('x')\n")
    with pytest.raises(json.JSONDecodeError) as caught:
        __import__("odd").call()
    # The frames begin in this file, which is foreign too.
    error = caught.value.with_traceback(caught.value.__traceback__.tb_next if caught.value.__traceback__ else None)
    assert place_of(error) == f"{path}, line 3"


def test_what_did_not_come_from_a_plug_in_has_no_place() -> None:
    """Nor has what was never raised."""
    assert place_of(ValueError()) == ""
    assert described(ValueError("x")) == "ValueError: x"


def test_a_syntax_error_is_where_the_text_is() -> None:
    """Not where it was imported."""
    with pytest.raises(SyntaxError) as caught:
        compile("x = 1\nclass", "odd.py", "exec")
    assert place_of(caught.value) == "odd.py, line 2"


@pytest.mark.parametrize(
    ("file", "is_so"),
    [
        (__file__, True),
        ("/usr/lib/python3/site-packages/pack/plugin.py", True),
        (statistics.__file__, False),
        (str(Path(os.__file__).parent / "site-packages" / "pack.py"), True),
        (guarded.__code__.co_filename, False),
        (guarded.__code__.co_filename.replace("hooks/guard", "builtin/sizers"), True),
        ("<frozen importlib._bootstrap>", False),
    ],
)
def test_whose_a_file_is(file: str, is_so: bool) -> None:
    """The standard library and our own code, the built-in plug-in apart, are not a plug-in's."""
    assert is_foreign(file) is is_so


def test_text_is_shown_as_it_is() -> None:
    """Without characters that move the cursor, and cut where it is long."""
    assert one_line(" a\n\tb\x07 ") == "a b"
    assert printable("x" * 301) == "x" * 300 + "..."
