"""Strategies that break the contract are found out, and no other."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from strategy_orchestrator.errors import ContractError
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.models.signals import Signals
from strategy_orchestrator.testing import Check, check_strategy, make_panel, strategy_checks
from tests.unit.testing import builders, cheaters
from tests.unit.testing.cheaters import Entering, PerBar, Weighing
from tests.unit.testing.honest import HONEST

Factory = Callable[[], Any]


def checks_of(factory: Factory, **options: Any) -> dict[str, Check]:
    """Return the checks by name."""
    return {check.name: check for check in strategy_checks(factory, **options)}


def refusal(factory: Factory, check: str, **options: Any) -> ContractError:
    """Return why a check of a strategy fails."""
    return builders.refusal(strategy_checks(factory, **options), check)


def failing(factory: Factory) -> set[str]:
    """Return the names of the checks that fail."""
    return builders.failing(strategy_checks(factory, n_bars=45))


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_strategy_passes_every_check(name: str) -> None:
    """No rule is broken, so none is said to be."""
    check_strategy(HONEST[name], n_bars=45)


def weighing(rule: Callable[[Panel], Any]) -> Weighing:
    """Hold everything where a rule says so."""
    return Weighing(lambda panel: np.asarray(rule(panel), np.float64))


@pytest.mark.parametrize("form", [Entering, weighing])
@pytest.mark.parametrize("way", ["truncation", "perturbation"])
@pytest.mark.parametrize("name", cheaters.LOOKING_AHEAD)
def test_looking_ahead_is_found(name: str, way: str, form: Callable[[Any], Any]) -> None:
    """Each rule shows when bars are cut off and when they are changed; those that count bars, when they are cut off."""
    checks = checks_of(lambda: form(cheaters.LOOKING_AHEAD[name]), n_bars=40)
    counts_bars = name in {"distance to the end", "number of bars"}
    found = any(builders.fails(checks[f"{way}-{label}"]) for label in ("daily", "gaps", "hourly"))
    assert found != (counts_bars and way == "perturbation")


def test_the_day_s_close_shows_on_bars_shorter_than_a_day_only() -> None:
    """What looks honest on daily bars is asked on hourly ones."""
    found = failing(lambda: Entering(cheaters.LOOKING_AHEAD["day's close"]))
    assert found == {"truncation-hourly", "perturbation-hourly"}


@pytest.mark.parametrize("check", ["truncation-daily", "perturbation-daily"])
def test_a_peek_at_one_bar_is_named_with_both_bars(check: str) -> None:
    """The error says which symbol and bar spoke, and which bar was read."""
    error = refusal(lambda: Entering(cheaters.peek_at_one_bar), check)
    assert (error.bar, error.symbol is not None) == (30, True)
    assert f"strategy 'Entering', check '{check}', '{error.symbol}', bar 30 (2020-02-13): " in str(error)
    assert re.search(
        r"(?:entries|exits) is (?:True, but False|False, but True) when what comes from bar 31 \(2020-02-14\) on is "
        r"(?:cut off|raised|lowered|moved); it depends on bar 31 \(2020-02-14\)\. Row t may use bars up to t only\.",
        str(error),
    )


def test_a_whole_sample_is_told_as_such() -> None:
    """Where no bar alone decides, none is named."""
    error = refusal(lambda: Entering(cheaters.LOOKING_AHEAD["whole-sample normalization"]), "perturbation-daily")
    assert str(error).count("bar ") <= 8
    assert str(error).endswith(" is raised; no bar changes it alone. Row t may use bars up to t only.")


def test_a_scale_that_is_kept_is_found() -> None:
    """What an object learned in one run must not show in the next."""
    error = refusal(cheaters.KeepingScale, "memory")
    assert "after a run over higher prices" in str(error)


SCALERS = (cheaters.KeepingScaleInClass, cheaters.KeepingScaleInModule, cheaters.KeepingScaleInCache)


@pytest.mark.parametrize("kind", SCALERS)
@pytest.mark.parametrize("check", ["memory", "truncation-daily", "perturbation-daily"])
def test_a_scale_that_all_objects_share_is_found(kind: Factory, check: str) -> None:
    """Each object is asked as the first one of a new process."""
    refusal(kind, check)
    assert cheaters.KeepingScaleInClass.scale is None
    assert cheaters.SCALES == {}


@pytest.mark.parametrize(("strategy", "check"), [(cheaters.Drawing, "determinism"), (cheaters.Counting, "determinism")])
def test_answers_that_change_are_found(strategy: Factory, check: str) -> None:
    """The same bars give the same answer."""
    assert "The same question must get the same answer" in str(refusal(strategy, check))


def test_a_memory_of_past_runs_is_found_in_a_per_bar_strategy() -> None:
    """A strategy that enters once in its life says nothing in its second run."""
    assert "should_enter is True at first, but False" in str(refusal(cheaters.Remembering, "determinism"))
    refusal(cheaters.Remembering, "memory")


def test_reading_a_file_while_deciding_is_found(tmp_path: Path) -> None:
    """A file may hold the future, which no change of the panel would show."""
    path = tmp_path / "answers.npy"
    np.save(path, np.random.default_rng(3).random((500, 12)) < 0.3)
    assert failing(lambda: cheaters.Reading(path)) == {"outside"}
    assert f"it opened the file '{path}'" in str(refusal(lambda: cheaters.Reading(path), "outside"))


def test_connecting_while_deciding_is_found() -> None:
    """So may somebody else know it."""
    assert "it connected to '/nowhere/at/all'" in str(refusal(cheaters.Calling, "outside"))


@pytest.mark.parametrize("name", cheaters.MUTATIONS)
def test_ways_around_the_seal_of_a_panel_are_found(name: str) -> None:
    """The panel after the call is the panel before it."""
    error = refusal(lambda: cheaters.Changing(cheaters.MUTATIONS[name]), "mutation")
    assert "it changed panel." in str(error)


@pytest.mark.parametrize("name", cheaters.REFUSED_MUTATIONS)
def test_writing_to_a_panel_is_an_error_at_once(name: str) -> None:
    """The arrays cannot be written to, so the strategy fails where it tries."""
    error = refusal(lambda: cheaters.Changing(cheaters.REFUSED_MUTATIONS[name]), "mutation")
    assert "signals, asked about 80 bars, raised ValueError" in str(error)
    assert "cheaters.py, line " in str(error)


@pytest.mark.parametrize("name", cheaters.PER_BAR_MUTATIONS)
def test_a_per_bar_strategy_that_changes_what_it_is_given_is_found(name: str) -> None:
    """History, bars and positions are what they were."""
    error = refusal(cheaters.PER_BAR_MUTATIONS[name], "mutation")
    assert f"changed the {name if name == 'position' else 'history'}" in str(error)


def test_a_peek_through_the_arrays_behind_a_bar_is_found() -> None:
    """A history ends at the current bar, but its bars lie in arrays that go on."""
    found = failing(lambda: PerBar(cheaters.peek_through_a_bar))
    assert found == {
        f"{way}-{label}" for way in ("truncation", "perturbation") for label in ("daily", "gaps", "hourly")
    }
    error = refusal(lambda: PerBar(cheaters.peek_through_a_bar), "truncation-daily")
    assert f"it depends on bar {(error.bar or 0) + 1} " in str(error)


def answering(entries: Any = None, exits: Any = None, found: Any = None) -> Factory:
    """Return a factory of strategies that answer this, whatever they are asked."""

    class Answering:
        def signals(self, panel: Panel) -> Any:
            quiet = np.zeros(panel.traded.shape, np.bool_)
            if found is not None:
                return found
            given = (quiet if array is None else array(panel) for array in (entries, exits))
            return Signals(*given)

    return Answering


SHAPES: dict[str, tuple[Factory, str]] = {
    "nothing": (answering(found=()), "signals returned a tuple. Return Signals(entries=, exits=)"),
    "a list": (answering(lambda panel: panel.traded.tolist()), "entries is a list; expected an ndarray of bool"),
    "numbers": (
        answering(lambda panel: panel.traded.astype(np.int8)),
        "entries has int8 and shape (1, 3); expected an ndarray of bool and shape (1, 3), that is (T, S)",
    ),
    "no exits": (answering(exits=lambda _: None), "exits is None; expected an ndarray of bool"),
    "turned": (answering(exits=lambda panel: panel.traded.T), "exits has bool and shape (3, 1); expected"),
    "frame": (
        answering(lambda panel: cheaters.closes(panel) > 0),
        "entries is a pandas.DataFrame; expected an ndarray",
    ),
    "leading rows left out": (
        answering(lambda panel: panel.traded[1:]),
        "Keep the leading bars, where nothing can be said, and fill them with False",
    ),
    "weights of integers": (lambda: Weighing(lambda panel: panel.traded.astype(int)), "weights has int64 and shape"),
    "weights above one": (lambda: Weighing(lambda panel: panel.close), "'S0', bar 0 (2020-01-02): the weight is "),
    "infinite weights": (lambda: Weighing(lambda panel: panel.close / 0.0 * -1), "the weight is -inf"),
    "no answer per bar": (lambda: PerBar(lambda _: None), "should_enter returned None. Return True or False"),
    "raising": (lambda: Entering(lambda panel: panel.nothing), "raised AttributeError: 'Panel' object has no"),
    "leaving": (lambda: PerBar(lambda _: sys.exit(3)), "'S0', bar 0 (2020-01-02): should_enter raised it asked to end"),
}


@pytest.mark.filterwarnings("ignore:divide by zero")
@pytest.mark.parametrize("case", SHAPES)
def test_an_answer_of_another_shape_is_refused(case: str) -> None:
    """Type, shape, range, and where it went wrong are told."""
    factory, words = SHAPES[case]
    assert words in str(refusal(factory, "answers-one-bar"))


def made_with(**attributes: Any) -> Factory:
    """Return a factory of strategies with these attributes besides an honest method."""
    body = {"signals": lambda _, panel: Signals(panel.traded, ~panel.traded), **attributes}
    return type("Made", (), {name: value for name, value in body.items() if value is not None})


SHARED = made_with()()
SIGNATURES: dict[str, tuple[Factory, str]] = {
    "no method": (
        made_with(signals=None),
        "its class, Made, has no method should_enter(bars) and should_exit(position, bars) or",
    ),
    "no panel": (
        made_with(signals=lambda _: None),
        "signals() cannot be called as signals(panel): too many positional",
    ),
    "size without price": (
        type("Sized", (PerBar,), {"position_size": lambda _, capital: capital}),
        "position_size(capital) cannot be called as position_size(capital, price)",
    ),
    "warm-up": (made_with(warmup_bars=-1), "warmup_bars is -1. Give the number of leading bars"),
    "warm-up of true": (made_with(warmup_bars=True), "warmup_bars is True"),
    "exits": (made_with(protective_exits=0.05), "protective_exits is 0.05. Give a ProtectiveExits, or None"),
    "label": (made_with(label=""), "label is ''. Give a text, or None"),
    "one object": (lambda: SHARED, "the factory returned the same object twice. Make a new one each time"),
    "factory": (lambda: 1 / 0, "check 'signature': the factory raised ZeroDivisionError: division by zero"),
}


@pytest.mark.parametrize("case", SIGNATURES)
def test_a_thing_that_is_no_strategy_is_refused(case: str) -> None:
    """Methods, their parameters and the attributes are looked at first."""
    factory, words = SIGNATURES[case]
    assert words in str(refusal(factory, "signature"))


def test_of_several_forms_the_fastest_is_checked() -> None:
    """As a run asks it."""
    kind = made_with(weights=lambda _: None, should_enter=lambda _: None, should_exit=lambda _: None)
    check_strategy(kind, n_bars=10)


def test_a_per_bar_strategy_is_not_asked_while_it_warms_up() -> None:
    """It sees the bars all the same."""
    lengths = []

    def seen(bars: Any) -> bool:
        lengths.append(len(bars))
        return False

    kind = type("Late", (PerBar,), {"warmup_bars": 7})
    checks_of(lambda: kind(seen))["answers-one-symbol"]()
    assert lengths == list(range(8, 88))


def test_compiled_code_need_not_tell_its_parameters() -> None:
    """It fails when it is asked, if it must."""
    checks_of(made_with(signals=staticmethod(max)))["signature"]()


def test_a_coroutine_is_refused() -> None:
    """The engine does not wait."""

    class Waiting:
        async def signals(self, panel: Panel) -> None:
            """Never called."""

    assert "signals is a coroutine. Write signals(panel) as a plain method" in str(refusal(Waiting, "signature"))


@pytest.mark.parametrize("size", [-1, float("nan"), None, True, "many"])
def test_a_quantity_that_is_none_is_refused(size: object) -> None:
    """What `position_size` returns is a number, 0 or more."""
    kind = type("Sized", (PerBar,), {"position_size": lambda *_: size})
    assert f"position_size returned {size!r}. Return a quantity" in str(refusal(kind, "answers-one-symbol"))


def test_a_quantity_of_zero_opens_no_position() -> None:
    """A strategy may decline, and is then asked whether to enter again."""
    kind = type("Sized", (PerBar,), {"position_size": lambda *_: 0})
    check_strategy(kind)


def test_silence_is_told_for_it_proves_nothing() -> None:
    """A strategy that is never heard would pass all other checks."""
    kind = made_with(signals=lambda _, panel: Signals(panel.traded & False, panel.traded & False))
    error = refusal(kind, "speaks")
    assert "it enters nowhere on panels of up to 80 bars. Give n_bars, or a factory with shorter lookbacks" in str(
        error
    )


def test_what_is_said_during_the_warm_up_is_not_heard() -> None:
    """A strategy that speaks only then is silent."""

    def early(panel: Panel) -> Any:
        return np.repeat((np.arange(panel.n_bars) < 5)[:, None], panel.n_symbols, axis=1)

    kind = made_with(warmup_bars=5, signals=lambda _, panel: Signals(early(panel), panel.traded & False))
    assert "it enters nowhere on panels of up to 85 bars" in str(refusal(kind, "speaks"))


def test_panels_are_as_long_as_asked_for() -> None:
    """A long lookback is heard on long panels."""

    def late(panel: Panel) -> Any:
        return closes_above(panel, 200)

    assert "speaks" in failing(lambda: Entering(late))
    checks_of(lambda: Entering(late), n_bars=240)["speaks"]()


def closes_above(panel: Panel, n_bars: int) -> Any:
    """Return where a close is above its average of many bars."""
    frame = cheaters.closes(panel)
    return frame > frame.rolling(n_bars).mean()


def test_panels_of_the_author_are_tried_too() -> None:
    """A peek that needs a symbol of its own shows on the author's panel only."""

    def rule(panel: Panel) -> Any:
        return closes_above(panel, 2) if panel.n_symbols < 20 else cheaters.peek_at_one_bar(panel)

    own = {"mine": make_panel(60, 25, seed=9)}
    check_strategy(lambda: Entering(rule))
    assert refusal(lambda: Entering(rule), "truncation-mine", panels=own).bar == 30
    assert refusal(lambda: Entering(rule), "perturbation-mine", panels=own).bar == 30


def test_of_a_long_panel_a_hundred_bars_are_tried() -> None:
    """Real prices of years take no longer than a test may."""
    asked = []

    def rule(panel: Panel) -> Any:
        asked.append(panel.n_bars)
        return closes_above(panel, 2)

    checks_of(lambda: Entering(rule), panels={"years": make_panel(1000, 1)})["truncation-years"]()
    assert len(asked) == 101
    assert min(asked) == 1


def test_a_check_is_named_in_the_report() -> None:
    """The report shows the name, and the error the strategy by the name that it was given."""
    check = checks_of(cheaters.Drawing, name="coin")["determinism"]
    assert str(check) == "determinism"
    with pytest.raises(ContractError, match=r"^strategy 'coin', check 'determinism', 'S\d', bar \d+ "):
        check()
