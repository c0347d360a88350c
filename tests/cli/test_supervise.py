"""A worker is started, heard and ended, whatever it does."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from strategy_orchestrator.cli import Interrupted, supervise
from strategy_orchestrator.cli.messages import Job, Message
from strategy_orchestrator.cli.supervise import Outcome

JOB = Job("run", "run.toml", None, "id", debug=False)
TALK = """
import json, os, signal, subprocess, sys, time
def tell(**message):
    sys.stdout.buffer.write(b"\\x1e" + json.dumps(message).encode() + b"\\n")
    sys.stdout.buffer.flush()
job = json.loads(sys.stdin.readline())
"""

Start = Callable[..., Outcome]


@pytest.fixture(name="start")
def _start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Return a function that supervises a worker with the given code."""

    def start(code: str, watch: Callable[[Message], None] = lambda _: None) -> Outcome:
        (tmp_path / "fake_worker.py").write_text(TALK + code)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        monkeypatch.setattr(supervise, "_WORKER", "fake_worker")
        return supervise.supervise(JOB, watch)

    return start


def is_running(number: int) -> bool:
    """Tell whether a process runs."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    # A process that ended and was not waited for by its parent is there by name only.
    return Path(f"/proc/{number}/stat").read_text().rpartition(") ")[2][0] != "Z"


def wait_until(condition: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_messages_arrive_in_order_and_the_last_is_the_answer(start: Start) -> None:
    """Progress is passed on as it comes; the final message is returned."""
    heard: list[Message] = []
    code = """
tell(event="stage", name="running")
tell(event="progress", done=1, total=2)
tell(event="saved", folder=job["path"])
"""
    outcome = start(code, heard.append)
    assert outcome == Outcome({"event": "saved", "folder": "run.toml"}, 0, "running")
    assert [message["event"] for message in heard] == ["stage", "progress"]


def test_what_is_printed_is_passed_to_standard_error(start: Start, capsys: pytest.CaptureFixture[str]) -> None:
    """A line that is no message is not lost and not believed."""
    outcome = start('print("hello", flush=True)\ntell(event="checked")\n')
    assert outcome.final == {"event": "checked"}
    assert capsys.readouterr().err == "hello\n"


@pytest.mark.parametrize(
    ("code", "status"),
    [("os._exit(0)", 0), ("sys.exit(5)", 5), ("os.kill(os.getpid(), signal.SIGSEGV)", -signal.SIGSEGV)],
)
def test_a_worker_that_ends_without_a_word_is_noticed(code: str, status: int, start: Start) -> None:
    """An end without a final message is told as such, with the exit status."""
    assert start(f'tell(event="stage", name="running")\n{code}') == Outcome(None, status, "running")


def test_a_worker_that_does_not_listen_is_no_error(start: Start) -> None:
    """A worker that ends at once has no job to be told."""
    assert start("").final is None


def test_a_worker_that_does_not_end_after_its_last_word_is_ended(start: Start) -> None:
    """A thread or an exit handler that hangs does not keep us."""
    code = 'signal.signal(signal.SIGTERM, signal.SIG_IGN)\ntell(event="saved", pid=os.getpid())\ntime.sleep(60)'
    begun = time.monotonic()
    outcome = start(code)
    assert outcome.final is not None
    assert outcome.exit_status == -signal.SIGKILL
    assert time.monotonic() - begun < 10
    assert not is_running(outcome.final["pid"])


def test_what_the_worker_started_ends_with_it(start: Start) -> None:
    """Processes that a plug-in leaves behind are ended."""
    code = """
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
tell(event="saved", pid=child.pid)
"""
    outcome = start(code)
    assert outcome.final is not None
    child = outcome.final["pid"]
    wait_until(lambda: not is_running(child))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("deaf", [False, True])
def test_a_signal_ends_the_worker_within_two_seconds(number: signal.Signals, deaf: bool, start: Start) -> None:
    """A signal to us ends the worker, even one that does not listen, and is told."""
    code = 'tell(event="stage", name=str(os.getpid()))\ntime.sleep(60)'
    if deaf:
        code = f"signal.signal(signal.SIGTERM, signal.SIG_IGN)\n{code}"
    heard: list[Message] = []
    sent: list[float] = []

    def watch(message: Message) -> None:
        heard.append(message)
        sent.append(time.monotonic())
        os.kill(os.getpid(), number)

    before = signal.getsignal(number)
    with pytest.raises(Interrupted) as caught:
        start(code, watch)
    assert caught.value.exit_status == 128 + number
    assert time.monotonic() - sent[0] < 2
    assert not is_running(int(heard[0]["name"]))
    assert signal.getsignal(number) is before


def test_a_worker_is_supervised_from_another_thread_too(start: Start) -> None:
    """Where no handlers can be set there are none."""
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(start('tell(event="checked")')))
    thread.start()
    thread.join()
    assert found[0].final == {"event": "checked"}


def test_a_hangup_that_is_ignored_stays_ignored(start: Start) -> None:
    """Who started us with nohup wants us to go on."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def watch(message: Message) -> None:
        del message
        os.kill(os.getpid(), signal.SIGHUP)

    try:
        assert start('tell(event="stage", name="x")\ntell(event="checked")', watch).final == {"event": "checked"}
    finally:
        signal.signal(signal.SIGHUP, before)
