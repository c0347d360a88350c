"""Strategies that look ahead are reported with all that is known of it, on whatever prices; no other is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest

from strategy_orchestrator.errors import StrategyError
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.models.signals import Signals
from strategy_orchestrator.testing import Finding, Verdict, find_look_ahead, make_panel, opening
from tests.unit.testing import cheaters
from tests.unit.testing.cheaters import Entering, PerBar, Weighing
from tests.unit.testing.honest import HONEST

DAILY = make_panel(34, 1, seed=1)
AWKWARD = make_panel(34, 4, seed=2, gaps=True)
HOURLY = make_panel(20, 1, seed=3, spacing="hourly")
SPECIAL = {
    "back-fill": AWKWARD,
    "interpolation": AWKWARD,
    "day's close": HOURLY,
    "only when it matters": make_panel(60, 1, seed=1),
}
"""Prices on which a rule shows; the others show on any."""


def kinds(verdict: Verdict) -> list[str]:
    """Return the kinds of what was found."""
    return [finding.kind for finding in verdict.findings]


def weighing(rule: Callable[[Panel], Any]) -> Weighing:
    """Hold everything where a rule says so."""
    return Weighing(lambda panel: np.asarray(rule(panel), np.float64))


@pytest.mark.parametrize("name", cheaters.LOOKING_AHEAD)
def test_looking_ahead_is_found(name: str) -> None:
    """Every planted rule is, in one of the forms that are given the whole panel, with symbol and bar."""
    form = (Entering, weighing)[len(name) % 2]
    verdict = find_look_ahead(lambda: form(cheaters.LOOKING_AHEAD[name]), SPECIAL.get(name, DAILY))
    assert set(kinds(verdict)) == {"look-ahead"}
    assert all(finding.symbol is not None and finding.bar is not None for finding in verdict.findings)


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_strategy_is_never_accused(name: str) -> None:
    """However odd it looks."""
    assert [find_look_ahead(HONEST[name], panel, bars=4).findings for panel in (AWKWARD, HOURLY)] == [(), ()]


def test_an_answer_is_told_with_the_bars_behind_it() -> None:
    """The first of each symbol, with what it is and what it would be."""
    verdict = find_look_ahead(lambda: Entering(cheaters.peek_at_one_bar), DAILY)
    how = "is cut off; it depends on bar 31 (2020-02-14)"
    text = f"entries is True, but False when what comes from bar 31 (2020-02-14) on {how}"
    assert verdict == Verdict("Entering_0", 34, 33, (Finding("look-ahead", text, "S0", 30, (31,)),))
    assert verdict.is_whole


def test_symbols_beyond_the_eighth_are_told_without_the_bars_behind_them() -> None:
    """Finding those takes the longest."""
    verdict = find_look_ahead(lambda: Entering(cheaters.LOOKING_AHEAD["next open"]), make_panel(8, 10))
    assert [bool(finding.bars) for finding in verdict.findings] == [True] * 8 + [False] * 2
    assert " on is " in verdict.findings[-1].text
    assert verdict.findings[-1].text.endswith(("cut off", "raised", "lowered", "moved"))


class TellsFromTheLength:
    """Cheats only where all the bars that it knows of are there."""

    def __init__(self, n_bars: int) -> None:
        self.n_bars = n_bars

    def signals(self, panel: Panel) -> Signals:
        """Look ahead unless the panel was cut off."""
        rises = np.zeros(panel.traded.shape, np.bool_)
        if panel.n_bars >= self.n_bars:
            rises[:-1] = panel.close[1:] > panel.close[:-1]
        return Signals(rises, ~rises)


def test_a_cheater_that_notices_the_cut_is_found() -> None:
    """What it says of the whole is compared with what it says of a part."""
    verdict = find_look_ahead(lambda: TellsFromTheLength(34), DAILY)
    assert kinds(verdict) == ["look-ahead"]


class HonestWhenCut:
    """Answers the same about a part as about the whole, for it knows the whole by heart; changed prices it believes."""

    def __init__(self, panel: Panel) -> None:
        self.known = panel.close

    def signals(self, panel: Panel) -> Signals:
        """Look up tomorrow's close where today's is the known one."""
        rises = np.zeros(panel.traded.shape, np.bool_)
        close = panel.close if len(panel.close) == len(self.known) else self.known
        rises[: panel.n_bars - 1] = (close[1:] > close[:-1])[: panel.n_bars - 1]
        rises[panel.n_bars - 1] = (close[panel.n_bars % len(close)] > close[panel.n_bars - 1])[: panel.n_symbols]
        return Signals(rises, ~rises)


def test_a_cheater_that_passes_every_cut_is_found_by_changed_prices() -> None:
    """The two ways see what the other does not."""
    verdict = find_look_ahead(lambda: HonestWhenCut(DAILY), DAILY)
    assert set(kinds(verdict)) == {"look-ahead"}
    assert not any("cut off" in finding.text for finding in verdict.findings)


class Scaler:
    """Fits a scale at its first call and keeps it, as a fitted scaler of a library does."""

    def __init__(self) -> None:
        self.mean: float | None = None

    def signals(self, panel: Panel) -> Signals:
        """Compare with the mean of what it was fitted to."""
        if self.mean is None:
            self.mean = float(panel.close[:, 0].mean())
        low = panel.close < self.mean
        return Signals(low, ~low)


def test_a_fitted_scaler_is_found() -> None:
    """A new object is fitted to what is there."""
    assert kinds(find_look_ahead(Scaler, DAILY)) == ["look-ahead"]


@pytest.mark.parametrize(
    "kind", [cheaters.KeepingScaleInClass, cheaters.KeepingScaleInModule, cheaters.KeepingScaleInCache]
)
def test_what_is_kept_between_objects_is_found(kind: Callable[[], Any]) -> None:
    """A second object in the same process must not know what the first one saw."""
    assert kinds(find_look_ahead(kind, DAILY))[0] == "memory"


def test_a_per_bar_strategy_may_remember_its_own_run() -> None:
    """Every run has objects of its own."""
    assert find_look_ahead(cheaters.Remembering, DAILY).findings == ()


def test_a_peek_through_the_arrays_behind_a_bar_is_found() -> None:
    """Bar by bar there is a way to the future too, for who reads what is not his."""
    verdict = find_look_ahead(lambda: PerBar(cheaters.peek_through_a_bar), DAILY)
    (finding,) = verdict.findings
    assert finding.kind == "look-ahead"
    assert finding.bars == ((finding.bar or 0) + 1,)
    assert verdict.is_whole


def test_chance_is_told_as_such() -> None:
    """Where answers change by themselves nothing can be told of what changes them."""
    verdict = find_look_ahead(cheaters.Drawing, DAILY)
    assert kinds(verdict) == ["random"]
    assert verdict.n_tried == 0
    assert "when the same is asked again, so nothing can be told" in verdict.findings[0].text


def test_a_file_that_is_read_while_deciding_is_found(tmp_path: Path) -> None:
    """No change of the panel shows what a file knows."""
    path = tmp_path / "answers.npy"
    np.save(path, np.random.default_rng(3).random((50, 12)) < 0.3)
    (finding,) = find_look_ahead(lambda: cheaters.Reading(path), DAILY).findings
    assert (finding.kind, finding.text) == ("outside", f"while it decided it opened the file '{path}'")


def prices_in(folder: Path) -> str:
    """Write prices to a file."""
    path = folder / "prices.parquet"
    pl.DataFrame({"close": DAILY.close[:, 0]}).write_parquet(path)
    return str(path)


class ReadsPrices:
    """Reads the prices of the run by itself, with a library that does not tell Python."""

    def __init__(self, path: str) -> None:
        self.close = pl.read_parquet(path)["close"].to_numpy()

    def signals(self, panel: Panel) -> Signals:
        """Know tomorrow's close from the file."""
        rises = np.append(self.close[1:] > self.close[:-1], False)[: panel.n_bars, None] & panel.traded
        return Signals(rises, ~rises)


@pytest.mark.skipif(sys.platform != "linux", reason="only the kernel of Linux tells who opens a file")
def test_who_reads_the_prices_of_the_run_by_himself_is_found(tmp_path: Path) -> None:
    """Also when the strategy is made, and by compiled code."""
    path = prices_in(tmp_path)
    (finding,) = find_look_ahead(lambda: ReadsPrices(path), DAILY, files=[path, path]).findings
    assert finding.text == f"it read {path!r}, from which the prices of the run come"
    assert find_look_ahead(lambda: ReadsPrices(path), DAILY).findings == ()


def test_a_file_is_told_once(tmp_path: Path) -> None:
    """By the one who knows more."""
    path = tmp_path / "answers.npy"
    np.save(path, np.zeros((5, 2), np.bool_))
    found = find_look_ahead(lambda: cheaters.Reading(path), DAILY, files=[str(path)]).findings
    assert [finding.text[:26] for finding in found] == ["while it decided it opened"]


@pytest.mark.parametrize("library", [SimpleNamespace(), SimpleNamespace(inotify_init1=lambda _: -1)])
def test_other_systems_do_not_tell(library: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is told there, and nothing fails."""
    monkeypatch.setattr(opening.ctypes, "CDLL", lambda *_, **__: library)
    with opening.opened([str(tmp_path)]) as taken:
        assert taken() == []


def rare(panel: Panel) -> Any:
    """Enter at two bars in a thousand, at one of which tomorrow is known."""
    entries = np.zeros(panel.traded.shape, np.bool_)
    entries[100:101] = True
    if panel.n_bars > 701:
        entries[700] = panel.close[701] > panel.close[700] * 0.5
    return entries


def test_of_long_prices_some_bars_are_tried_and_the_number_is_told() -> None:
    """Those where an answer has just changed among them, so that a rare entry is not missed."""
    panel = make_panel(1000, 1)
    verdict = find_look_ahead(lambda: Entering(rare), panel, bars=20)
    assert 10 <= verdict.n_tried <= 20
    assert not verdict.is_whole
    assert [finding.bar for finding in verdict.findings] == [700]


def test_the_bars_that_are_tried_are_always_the_same() -> None:
    """Two looks say the same."""
    panel = make_panel(300, 1)
    first, second = (
        find_look_ahead(lambda: Entering(cheaters.LOOKING_AHEAD["next open"]), panel, bars=7) for _ in range(2)
    )
    assert first == second
    assert 4 <= first.n_tried <= 7


def test_every_bar_is_tried_when_asked_for() -> None:
    """However many there are."""
    verdict = find_look_ahead(lambda: Entering(lambda panel: panel.traded), make_panel(60, 1), bars=None)
    assert (verdict.n_tried, verdict.is_whole) == (59, True)


def test_where_nothing_changes_bars_are_spread() -> None:
    """A strategy that always says the same has no bar of interest."""
    verdict = find_look_ahead(
        lambda: weighing(lambda panel: np.full(panel.traded.shape, 0.1)), make_panel(90, 1), bars=9
    )
    assert (verdict.n_tried, verdict.findings) == (9, ())


def test_a_single_bar_has_no_future() -> None:
    """Nothing is cut off."""
    assert find_look_ahead(lambda: Entering(lambda panel: panel.traded), make_panel(1, 1)).n_tried == 0


def needs(n_bars: int) -> Callable[[Panel], Any]:
    """Return a rule that fails on fewer bars."""

    def rule(panel: Panel) -> Any:
        if panel.n_bars < n_bars:
            raise ValueError(f"{panel.n_bars} bars are too few")
        return panel.traded

    return rule


def test_a_strategy_that_cannot_be_asked_is_told() -> None:
    """Once, with the first question that it did not answer."""
    (finding,) = find_look_ahead(lambda: Entering(needs(10)), DAILY).findings
    assert finding.kind == "raises"
    assert finding.text.startswith("when what comes from bar 1 (2020-01-03) on is cut off, ValueError: 1 bars are too")


def test_nothing_need_be_said_of_a_warm_up() -> None:
    """So few bars are never all that a run has."""
    kind = type("Late", (Entering,), {"warmup_bars": 9})
    assert find_look_ahead(lambda: kind(needs(10)), DAILY).findings == ()


def test_what_is_said_in_a_warm_up_or_without_a_bar_is_not_heard() -> None:
    """Nobody acts on it, so it is no look-ahead."""

    def rule(panel: Panel) -> Any:
        return np.where(panel.traded & (np.arange(panel.n_bars) >= 9)[:, None], 0.5, panel.n_bars / 100)

    kind = type("Late", (Weighing,), {"warmup_bars": 9})
    assert find_look_ahead(lambda: kind(rule), AWKWARD).findings == ()


def fails_after(n_calls: int, other: Any) -> Callable[[], Any]:
    """Return a factory of strategies of which only the first few can be asked."""
    made: list[int] = []

    def make() -> Any:
        made.append(1)
        return Entering(lambda panel: panel.traded if len(made) <= n_calls else other(panel))

    return make


@pytest.mark.parametrize(
    ("n_calls", "words"), [(2, "asked the same again, "), (3, "asked about other prices, or after")]
)
def test_a_question_that_fails_before_is_told(n_calls: int, words: str) -> None:
    """Whichever it is."""
    finding = find_look_ahead(fails_after(n_calls, lambda panel: panel.nothing), DAILY).findings[0]
    assert finding.kind == "raises"
    assert finding.text.startswith(words)


def test_a_per_bar_strategy_that_cannot_be_asked_is_told() -> None:
    """Here the cut is everywhere at once."""

    def enter(bars: Any) -> bool:
        return bool(bars[-1]._source.close[33, 0] > 0)  # noqa: SLF001  # where the future lies

    finding = find_look_ahead(lambda: PerBar(enter), DAILY).findings[0]
    assert finding.text.startswith("when what comes later is cut off, should_enter raised IndexError")


def peeks_but_not_twice(panel: Panel) -> Any:
    """Look ahead, and fail when a single bar is another one."""
    ahead = np.append(panel.close[1:] > panel.close[:-1], [[False]], axis=0)
    jumps = np.flatnonzero(np.abs(np.diff(np.log(panel.close[:, 0]))) > 0.2)
    if len(jumps) == 2:
        raise ValueError("odd prices")
    return ahead


def test_the_bars_behind_an_answer_are_left_out_where_the_search_fails() -> None:
    """The answer is told all the same."""
    finding = find_look_ahead(lambda: Entering(peeks_but_not_twice), DAILY).findings[-1]
    assert (finding.kind, finding.bars) == ("look-ahead", ())


@pytest.mark.parametrize("factory", [lambda: Entering(lambda panel: panel.nothing), lambda: PerBar(lambda _: None)])
def test_a_strategy_that_fails_on_the_prices_fails_here(factory: Callable[[], Any]) -> None:
    """As it would in a run."""
    with pytest.raises(StrategyError):
        find_look_ahead(factory, DAILY)


def test_progress_is_told() -> None:
    """Up to all questions, though more may follow to find the bars behind an answer."""
    told: list[tuple[int, int]] = []
    find_look_ahead(
        lambda: Entering(cheaters.LOOKING_AHEAD["next open"]),
        make_panel(10, 1),
        name="mine",
        progress=lambda done, total: told.append((done, total)),
    )
    assert {total for _, total in told} == {4 + 4 * 9}
    assert told[0] == (2, 40)
    assert told[-1] == (40, 40)
