"""The section `monthly-returns` of the report."""

from __future__ import annotations

import math
from html import escape
from typing import Final

from orchestrator_measures.months import YearReturns, growth_of_sleeve, growth_of_whole, yearly_table
from orchestrator_measures.parameters import MonthlyReturnsParameters
from strategy_orchestrator.arrays import FloatArray
from strategy_orchestrator.models.results import OrchestratorResult
from strategy_orchestrator.models.validation import checked

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class MonthlyReturns:
    """Show the return of every month and year, of the whole and of the strategies, as tables of HTML.

    Money transferred between sleeves is no return. The figures of a month are chained from bar to bar, those of a year
    from its months, by UTC dates.

    Parameters
    ----------
    strategies : int
        How many strategies are shown besides the whole, in the order of the list.

    Raises
    ------
    ConfigError
        If the number is out of bounds.
    """

    def __init__(self, strategies: int = 12) -> None:
        options = checked(MonthlyReturnsParameters, type(self).__name__, {"strategies": strategies})
        self.strategies = options.strategies

    def __call__(self, result: OrchestratorResult, /) -> str:
        """Return the tables; every text that is not ours is escaped."""
        record = result.record
        if not record.n_bars:
            return "<p>No bar was completed.</p>"
        shown = record.strategy_ids[: self.strategies]
        parts = [_table("Portfolio", result, growth_of_whole(record))]
        parts += [_table(name, result, growth_of_sleeve(record, place)) for place, name in enumerate(shown)]
        left_out = len(record.strategy_ids) - len(shown)
        if left_out:
            parts.append(f"<p>{left_out} more {'strategy is' if left_out == 1 else 'strategies are'} not shown.</p>")
        return "\n".join(parts)


def _table(caption: str, result: OrchestratorResult, growth: FloatArray) -> str:
    record = result.record
    years = yearly_table(record.panel.timestamps_ns[: record.n_bars], growth)
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Year", *_MONTHS, "Whole"))
    rows = "\n".join(map(_row, years))
    return (
        f'<table class="monthly-returns">\n<caption>{escape(_printable(caption))}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>"
    )


def _printable(text: str) -> str:
    # Neither controls nor marks that turn the direction of writing nor halves of characters.
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


def _row(year: YearReturns) -> str:
    cells = "".join(map(_cell, (*year.months, year.whole)))
    return f'<tr><th scope="row">{year.year}</th>{cells}</tr>'


def _cell(value: float) -> str:
    if math.isnan(value):
        return "<td></td>"
    text = f"{value:.2%}"
    # A fall too small to show has no sign.
    text = text.removeprefix("-") if float(text.removesuffix("%")) == 0.0 else text
    return f'<td class="{_sign(text)}">{text}</td>'


def _sign(text: str) -> str:
    if text.startswith("-"):
        return "loss"
    return "flat" if float(text.removesuffix("%")) == 0.0 else "gain"
