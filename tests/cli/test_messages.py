"""What parent and worker say to each other arrives as it was sent."""

from __future__ import annotations

from decimal import Decimal

import pytest

from strategy_orchestrator.cli.messages import (
    Job,
    error_dict,
    error_of,
    job_line,
    message_line,
    read_job,
    read_message,
)
from strategy_orchestrator.errors import ConfigError, Fault, PluginError
from strategy_orchestrator.hooks.switches import Wish


def test_a_job_arrives() -> None:
    """A job is one line, whatever its path is called."""
    job = Job("run", "a\nb \udce9.toml", None, "id", debug=True)
    assert job_line(job).count(b"\n") == 1
    assert read_job(job_line(job)) == job


def test_a_job_arrives_with_its_switches() -> None:
    """None is not the same as nothing."""
    job = Job("run", "run.toml", None, "id", debug=False, wish=Wish((), ("a", "b"), autoload=False), lock="x.lock")
    assert read_job(job_line(job)) == job


def test_a_message_arrives() -> None:
    """A message is one line."""
    message = {"event": "saved", "folder": "a\nb"}
    assert message_line(message).count(b"\n") == 1
    assert read_message(message_line(message)) == message


@pytest.mark.parametrize("line", [b"printed\n", b'{"event": "saved"}\n', b"\x1enonsense\n", b"\x1e[1]\n", b"\x1e{}\n"])
def test_other_lines_are_no_messages(line: bytes) -> None:
    """What somebody else printed is not taken for a message."""
    assert read_message(line) is None


def test_an_error_arrives_with_its_class_and_faults() -> None:
    """Class, exit status and faults survive; values that JSON lacks become text."""
    error = ConfigError([Fault("a", "b", "c", Decimal("0.1")), Fault("d", "e", value=3)])
    again = error_of(error_dict(error))
    assert type(again) is ConfigError
    assert str(again) == str(error)
    assert [fault.value for fault in again.faults] == ["0.1", 3]


def test_an_error_of_a_class_of_somebody_else_arrives_as_its_base() -> None:
    """A class that errors.py does not know is told as the one that it is derived from."""

    class OddError(PluginError):
        """An error of a plug-in."""

    assert type(error_of(error_dict(OddError(Fault("a", "b"))))) is PluginError
