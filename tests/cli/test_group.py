"""The list of commands, and how the command line answers what is wrong with it."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys

import pytest

from strategy_orchestrator._version import __version__
from strategy_orchestrator.cli import attempt, main, status_of
from strategy_orchestrator.cli.group import COMMANDS
from strategy_orchestrator.errors import ConfigError, Fault, InvariantError, OrchestratorError, RunError


@pytest.mark.parametrize("name", COMMANDS)
def test_the_line_in_the_list_is_the_command_s_own(name: str) -> None:
    """What the list says of a command is the first line of its help."""
    command = importlib.import_module(f"strategy_orchestrator.cli.{name.replace('-', '_')}").command
    assert command.name == name
    assert command.help.splitlines()[0] == COMMANDS[name]


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]])
def test_help_lists_the_commands(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Without a command, and with --help, the commands are listed."""
    assert status_of(arguments) == 0
    text = capsys.readouterr().out
    assert all(name in text for name in COMMANDS)


def test_help_loads_no_library_of_the_engine() -> None:
    """Asking for help costs neither numpy nor rich nor any command."""
    code = (
        "import sys\n"
        "from strategy_orchestrator.cli import status_of\n"
        "status_of(['--help'])\n"
        "heavy = {'numpy', 'numba', 'polars', 'pydantic', 'pluggy', 'rich', 'strategy_orchestrator.cli.run'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """--version prints the name and the version."""
    assert status_of(["--version"]) == 0
    assert capsys.readouterr().out == f"orchestrate, version {__version__}\n"


def test_each_command_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    """Every command explains its options."""
    for name in COMMANDS:
        assert status_of([name, "--help"]) == 0
        assert "--json" in capsys.readouterr().out


USAGE = {
    "unknown command": (["rum"], "orchestrate: No such command 'rum'"),
    "unknown option": (["run", "x.toml", "--outt"], "orchestrate run: No such option"),
    "missing file": (["run"], "orchestrate run: Missing argument 'FILE.toml'"),
}


@pytest.mark.parametrize("case", USAGE)
def test_a_wrong_command_line_is_one_line(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Usage errors exit 2 with one line on standard error."""
    arguments, start = USAGE[case]
    assert status_of(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(start)
    assert captured.err.count("\n") == 1


def test_a_wrong_command_line_is_one_document_with_json(capsys: pytest.CaptureFixture[str]) -> None:
    """With --json the error is the one document on standard output."""
    assert status_of(["run", "--json"]) == 2
    document = json.loads(capsys.readouterr().out)
    assert document["error"]["kind"] == "InputError"
    assert document["error"]["exit_status"] == 2
    assert document["faults"][0]["where"] == "orchestrate run"


def test_main_ends_the_program_with_the_status(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exit status of the program is that of the command."""
    monkeypatch.setattr(sys, "argv", ["orchestrate", "run"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2


def raised(error: BaseException) -> OrchestratorError | str:
    """Return what becomes of an error that an action raises."""

    def action() -> str:
        raise error

    return attempt(action, debug=False)


def test_what_an_action_returns_is_returned() -> None:
    """An action that succeeds is not touched."""
    assert attempt(lambda: 5, debug=False) == 5


def test_our_errors_are_returned_as_they_are() -> None:
    """Expected failures keep their class."""
    error = ConfigError(Fault("here", "wrong"))
    assert raised(error) is error


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (SystemExit(0), RunError, "asked it to end with 0"),
        (MemoryError(), RunError, "memory"),
        (ZeroDivisionError("x\ny"), InvariantError, "unexpected ZeroDivisionError: x y. This is our defect; --debug"),
    ],
)
def test_other_errors_become_ours(error: BaseException, kind: type[OrchestratorError], words: str) -> None:
    """What nobody expected is told in one line."""
    found = raised(error)
    assert type(found) is kind
    assert words in str(found)
    assert "\n" not in str(found)


def test_an_interrupt_passes_through() -> None:
    """An interrupt from the keyboard is not an error."""
    with pytest.raises(KeyboardInterrupt):
        raised(KeyboardInterrupt())


def test_the_traceback_is_shown_for_debugging_only(capsys: pytest.CaptureFixture[str]) -> None:
    """With debug, and only then, the place of a defect is printed."""

    def action() -> float:
        return 1 / 0

    attempt(action, debug=False)
    assert capsys.readouterr().err == ""
    attempt(action, debug=True)
    assert "return 1 / 0" in capsys.readouterr().err
