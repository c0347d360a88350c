"""What was held, what it cost, and what moving money between the sleeves cost apart from that."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import numpy as np

from strategy_orchestrator.arrays import FloatArray, IntArray
from strategy_orchestrator.models.records import RunRecord
from strategy_orchestrator.models.results import OrchestratorResult
from strategy_orchestrator.money import to_decimal
from strategy_orchestrator.report.charts import MAIN, Line, color_of, lines
from strategy_orchestrator.report.curves import DailyCurves, left_out
from strategy_orchestrator.report.markup import NOTHING, Html, joined, label, name, number, paragraph, table, text
from strategy_orchestrator.report.overview import MOST_ROWS, PORTFOLIO
from strategy_orchestrator.report.section import Sampled, Section, figure, head
from strategy_orchestrator.report.words import money, percent

_CROSSED: Final = "Crossed"


def exposure_section(result: OrchestratorResult, curves: DailyCurves) -> Section:
    """Return gross, net and crossed exposure."""
    record, exposure = result.record, result.exposure
    equity = record.aggregate[: record.n_bars].astype(np.float64)
    parts = {"Gross": exposure.gross, "Net": exposure.net, _CROSSED: exposure.crossed}
    shares = {title: _share(units, equity) for title, units in parts.items()}
    bars, samples = curves.valuation.bars, curves.samples
    drawn = bars[curves.drawn]
    colors = (MAIN, color_of(1), color_of(0))
    found = [Line(title, share[drawn], color) for (title, share), color in zip(shares.items(), colors, strict=True)]
    chart = lines([curves.days[place] for place in curves.drawn.tolist()], found, ".0%", is_low=True)
    means = {title: _mean(share) for title, share in shares.items()}
    said = f"Mean over all bars: {', '.join(f'{title.lower()} {percent(value)}' for title, value in means.items())}."
    columns = [(title, [percent(value) for value in share[bars[samples]].tolist()]) for title, share in shares.items()]
    shown = figure(
        "Market value held, as a share of equity",
        chart,
        said,
        Sampled([curves.days[each] for each in samples], columns),
    )
    words = (
        f"{said} Net is what one account would hold if it traded for all sleeves; crossed is what sleeves hold against "
        f"one another. Netting would have saved {money(exposure.netting_saving)} in commission and slippage."
    )
    return Section("exposure", "Exposure", joined([shown, paragraph(text(words))]))


def _share(units: IntArray, equity: FloatArray) -> FloatArray:
    share = np.full(len(equity), np.nan)
    np.divide(units, equity, out=share, where=equity > 0)
    return share


def _mean(share: FloatArray) -> float:
    known = share[~np.isnan(share)]
    return float(known.mean()) if len(known) else float("nan")


def cost_section(result: OrchestratorResult) -> Section:
    """Return costs and turnover, those of rebalancing apart."""
    parts = [_costs(result), paragraph(text(left_out(result.record.strategy_ids, MOST_ROWS)), "note")]
    if len(result.record.strategy_ids) <= MOST_ROWS:
        parts[1] = NOTHING
    return Section("costs", "Costs and turnover", joined([*parts, _rebalancing(result)]))


def _costs(result: OrchestratorResult) -> Html:
    record = result.record
    paid, lost = costs_by_strategy(record)
    rows = [
        [
            label(name(strategy)),
            number(money(commission)),
            number(money(slippage)),
            number(percent(result.strategy_results[strategy].metrics.turnover)),
        ]
        for strategy, commission, slippage in zip(record.strategy_ids[:MOST_ROWS], paid, lost, strict=False)
    ]
    whole = [
        label(text(PORTFOLIO)),
        number(money(sum(paid, Decimal(0)))),
        number(money(sum(lost, Decimal(0)))),
        number(percent(result.aggregate_metrics.turnover)),
    ]
    titles = ("Commission", "Slippage", "Turnover a year")
    return table("Costs of the closed trades", [label(text("Strategy")), *map(head, titles)], rows, whole)


def costs_by_strategy(record: RunRecord) -> tuple[list[Decimal], list[Decimal]]:
    """Return what the closed trades of each strategy paid in commission, and what they lost in slippage."""
    # Summed as Python integers, which do not wrap.
    paid, lost = [0] * len(record.strategy_ids), [0] * len(record.strategy_ids)
    columns = ("strategy", "entry_commission", "exit_commission", "slippage")
    for owner, entry, exit_, slippage in zip(*(record.trades[each].tolist() for each in columns), strict=True):
        paid[owner] += entry + exit_
        lost[owner] += slippage
    return [to_decimal(units) for units in paid], [to_decimal(units) for units in lost]


def _rebalancing(result: OrchestratorResult) -> Html:
    cost = result.rebalancing
    if not cost.n_rebalances:
        return paragraph(text("There was no rebalance, so none of it is due to rebalancing."))
    rows = [
        ("Rebalances", f"{cost.n_rebalances:,}"),
        ("Moved between sleeves", money(cost.transferred)),
        ("Sold for it", money(cost.sold)),
        ("Commission of these sales", money(cost.commission)),
        ("Slippage of these sales", money(cost.slippage)),
        ("Turnover of these sales, a year", percent(cost.turnover)),
    ]
    cells = [[label(text(title)), number(value)] for title, value in rows]
    return table("Of that, due to rebalancing", [label(text("What")), head("Amount")], cells)
