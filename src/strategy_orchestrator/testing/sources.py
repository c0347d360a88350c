"""The checks of a data source."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from strategy_orchestrator.errors import OrchestratorError
from strategy_orchestrator.hooks.kinds import Kind
from strategy_orchestrator.models.panel import PRICE_FIELDS, DataWarning, Panel, is_read_only
from strategy_orchestrator.models.streams import PanelStream
from strategy_orchestrator.testing.answers import Answers
from strategy_orchestrator.testing.asking import Course, Factory, Subject, check_factory, check_signature, described
from strategy_orchestrator.testing.findings import refuse_difference
from strategy_orchestrator.testing.trials import Check, run_all

_FIELDS: Final = (*PRICE_FIELDS, "volume", "traded")


def check_source(factory: Factory) -> None:
    """Run all checks of a data source; the first that fails raises.

    Raises
    ------
    ContractError
        In one line: source, check, symbol and bar, what was seen, what is expected.
    """
    run_all(source_checks(factory))


def source_checks(factory: Factory, *, name: str = "") -> list[Check]:
    """Return the checks of a data source, one behavior each.

    Parameters
    ----------
    factory : callable
        Makes a new source each time, with prices that it can load in a test.
    name : str
        What to call it in errors; the name of its class by default.
    """
    subject = Subject(Kind.DATA_SOURCE, factory, name)
    runs = {"signature": _signature, "panel": _panel, "determinism": _determinism}
    return [Check(check, partial(run, subject, check)) for check, run in runs.items()]


def _signature(subject: Subject, check: str) -> None:
    with subject.begin(check) as course:
        check_signature(course.trial, course.first, "load")
        check_factory(course)


def _load(course: Course, source: Any) -> Panel:
    found = course.trial.call(source.load, what="load")
    if isinstance(found, PanelStream):
        # A chunk is a panel, and all of them are looked at as one.
        found = course.trial.call(found.whole, what="reading what load opened")
    if not isinstance(found, Panel):
        remedy = "Return a Panel; Panel.from_arrays, from_bars, from_frame and load_panel make one"
        raise course.trial.failed(f"load returned {described(found)}", remedy)
    return found


def _panel(subject: Subject, check: str) -> None:
    with subject.begin(check) as course:
        trial, panel = course.trial, _load(course, course.first)
        remedy = "Make the panel with Panel.from_arrays, from_bars, from_frame or load_panel, which check it"
        try:
            arrays = {name: getattr(panel, name) for name in (*PRICE_FIELDS, "volume")}
            checked = Panel.from_arrays(panel.timestamps_ns, panel.symbols, **arrays)
            _ = checked.units
        except OrchestratorError as error:
            raise trial.failed(f"load: {error.faults[0]}", remedy) from None
        if checked.symbols != panel.symbols or (checked.traded != panel.traded).any():
            raise trial.failed("the panel's symbols are not sorted, or traded does not go with its prices", remedy)
        if not is_read_only(panel):
            raise trial.failed("the panel's arrays can be written to", remedy)
        if panel.calendar is not None and not isinstance(panel.calendar, str):
            raise trial.failed(f"the panel's calendar is {panel.calendar!r}", "Name one, such as 'XNYS', or None")
        if not all(isinstance(warning, DataWarning) for warning in panel.warnings):
            raise trial.failed("the panel's warnings are not all of DataWarning", "Make them with DataWarning")


def _determinism(subject: Subject, check: str) -> None:
    with subject.begin(check) as course:
        source = course.first
        first = _load(course, source)
        for other, when in (
            (_load(course, source), "when it is loaded again"),
            (_load(course, course.fresh()), "from a second one made alike"),
        ):
            size, other_size = (f"{each.n_bars} bars of {', '.join(each.symbols)}" for each in (first, other))
            if size != other_size:
                problem = f"it loads {size} at first, but {other_size} {when}"
                raise course.trial.failed(problem, "The same source has the same bars")
            refuse_difference(course.trial, first, _answers(first), _answers(other), when)


def _answers(panel: Panel) -> Answers:
    return Answers({**{name: getattr(panel, name) for name in _FIELDS}, "timestamps_ns": panel.timestamps_ns}, {})
