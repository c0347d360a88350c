"""How equity went: curves, drawdowns, weights and months."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from strategy_orchestrator.arrays import FloatArray
from strategy_orchestrator.models.results import OrchestratorResult
from strategy_orchestrator.report.charts import MAIN, QUIET, Line, color_of, lines, shares
from strategy_orchestrator.report.curves import DailyCurves, monthly_returns
from strategy_orchestrator.report.markup import Cell, Html, label, number, table, text
from strategy_orchestrator.report.section import Sampled, Section, figure, head
from strategy_orchestrator.report.words import money, percent, sign_of

PORTFOLIO: Final = "Portfolio"
RESERVE: Final = "Reserve"

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STRONG: Final = 0.10
_LEAST_TINT: Final = 0.08
_MOST_TINT: Final = 0.55
_WIDE: Final = 2.6


@dataclass(frozen=True, slots=True, eq=False)
class _Drawing:
    # One chart of daily curves: its lines, and how their values are written.
    title: str
    lines: list[Line]
    said: str
    written: Callable[[float], str]
    tick_format: str
    is_stacked: bool = False


def equity_section(curves: DailyCurves) -> Section:
    """Return equity of the whole and of the sleeves."""
    whole = curves.whole
    found = [Line(PORTFOLIO, whole, MAIN, _WIDE), *_sleeves(curves, curves.equity)]
    said = (
        f"Equity of the portfolio goes from {money(whole[0])} on {curves.days[0]} to {money(whole[-1])} on "
        f"{curves.days[-1]}; the lowest is {money(whole.min())}, the highest {money(whole.max())}."
    )
    return Section("equity", "Equity", _chart(_Drawing("Equity at the close", found, said, money, ",.0f"), curves))


def drawdown_section(curves: DailyCurves) -> Section:
    """Return drawdowns of the whole and of the sleeves."""
    depth = curves.whole_drawdown
    found = [Line(PORTFOLIO, depth, MAIN, _WIDE), *_sleeves(curves, curves.drawdown)]
    deepest = int(depth.argmin())
    said = f"The portfolio is deepest below its peak on {curves.days[deepest]}, by {percent(-depth[deepest])}."
    drawing = _Drawing("Below the highest equity so far", found, said, percent, ".0%")
    return Section("drawdowns", "Drawdowns", _chart(drawing, curves))


def weight_section(curves: DailyCurves) -> Section:
    """Return the share that each sleeve has of the whole."""
    found = _sleeves(curves, curves.weight)
    if curves.reserve_weight.any():
        found.append(Line(RESERVE, curves.reserve_weight, QUIET))
    ends = ", ".join(f"{line.label} {percent(line.values[0])} and {percent(line.values[-1])}" for line in found)
    said = f"Weights at the start and at the end: {ends}."
    # What is below zero cannot be stacked.
    is_stacked = all(not (line.values < 0).any() for line in found)
    drawing = _Drawing("Share of the whole", found, said, percent, ".0%", is_stacked)
    return Section("weights", "Weights over time", _chart(drawing, curves))


def _sleeves(curves: DailyCurves, values: FloatArray) -> list[Line]:
    return [Line(name, values[place], color_of(place)) for place, name in enumerate(curves.names)]


def _chart(drawing: _Drawing, curves: DailyCurves) -> Html:
    days, drawn, samples = curves.days, curves.drawn, curves.samples
    shown = [Line(line.label, line.values[drawn], line.color, line.width) for line in drawing.lines]
    draw = shares if drawing.is_stacked else lines
    chart = draw([days[place] for place in drawn.tolist()], shown, drawing.tick_format)
    columns = [
        (line.label, [drawing.written(value) for value in line.values[samples].tolist()]) for line in drawing.lines
    ]
    numbers = Sampled([days[place] for place in samples.tolist()], columns)
    return figure(drawing.title, chart, drawing.said, numbers, curves.left_out)


def month_section(result: OrchestratorResult) -> Section:
    """Return the returns of the portfolio by month and year."""
    heads = [label(text("Year")), *map(head, _MONTHS), head("Year")]
    rows = [
        [label(text(str(year))), *map(_month, months), _month(whole)] for year, months, whole in monthly_returns(result)
    ]
    return Section("months", "Monthly returns", table("Returns of the portfolio by month, in per cent", heads, rows))


def _month(value: float) -> Cell:
    if math.isnan(value):
        return number("")
    shown = percent(value).removesuffix(" %")
    tint = min(_MOST_TINT, _LEAST_TINT + (_MOST_TINT - _LEAST_TINT) * abs(value) / _STRONG)
    kind = sign_of(value) if shown.strip("−0.") else ""
    return Cell(text(shown), {"class": f"number month {kind}".rstrip(), "style": f"--tint: {tint:.2f}"})
