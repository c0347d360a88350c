"""Print what was found of look-ahead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from rich.console import Console

from strategy_orchestrator.cli.tables import clean, console_of, count_of, day_text

_REMEDY: Final = (
    "An answer at a bar may follow from the bars up to it only. Look for shift(-1), bfill, center=True, and for means, "
    "maxima, ranks and fits over the whole sample."
)


def show_looked(found: Mapping[str, Any], console: Console | None = None) -> None:
    """Print what `lookahead` found.

    Parameters
    ----------
    found : mapping
        What the worker told.
    """
    console = console_of() if console is None else console
    for line in _lines(found):
        console.print(clean(line), soft_wrap=True)


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    strategies = found["strategies"]
    yield (
        f"{found['file']}: {count_of(len(strategies), 'strategy', 'strategies')}, "
        f"{count_of(len(found['symbols']), 'symbol')}, {count_of(found['bars'], 'bar')}, "
        f"{day_text(found['first'])} to {day_text(found['last'])}."
    )
    for name, looked in strategies.items():
        n_found = len(looked["findings"])
        word = "no look-ahead" if not n_found else count_of(n_found, "finding")
        yield f"  {name}: {word}; {_tried(looked, found['bars'])}"
        yield from (f"    {_finding(finding)}" for finding in looked["findings"])
    n_bad = sum(bool(looked["findings"]) for looked in strategies.values())
    if n_bad:
        kinds = {finding["kind"] for looked in strategies.values() for finding in looked["findings"]}
        remedy = f" {_REMEDY}" if "look-ahead" in kinds else ""
        yield f"{n_bad} of {count_of(len(strategies), 'strategy', 'strategies')} did not pass.{remedy}"
    elif all(looked["is_every_bar"] for looked in strategies.values()):
        yield "Nothing looks ahead."
    else:
        yield "Nothing was found to look ahead where it was tried; --all tries every bar."


def _tried(looked: Mapping[str, Any], n_bars: int) -> str:
    if looked["is_every_bar"]:
        return "cut off and changed at every bar"
    return f"cut off and changed at {looked['bars_tried']:,} of {n_bars - 1:,} bars"


def _finding(finding: Mapping[str, Any]) -> str:
    place = "" if finding["symbol"] is None else f"{finding['symbol']!r}, "
    moment = "" if finding["bar"] is None else f"bar {finding['bar']} ({finding['time']}): "
    return f"{place}{moment}{finding['problem']}."
