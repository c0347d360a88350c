"""What the package offers to the orchestrator, besides the journal."""

from __future__ import annotations

from orchestrator_measures import metrics
from orchestrator_measures.parameters import MonthlyReturnsParameters, OmegaParameters, TailParameters
from orchestrator_measures.sections import MonthlyReturns
from strategy_orchestrator import MetricSpec, ReportSectionSpec, hookimpl


@hookimpl
def orchestrator_metrics() -> list[MetricSpec]:
    """Offer measures of drawdowns, of returns and of trades."""
    return [
        MetricSpec("ulcer-index", metrics.ulcer_index, None, "Root mean square of the drawdowns, a fraction."),
        MetricSpec("pain-index", metrics.pain_index, None, "Mean of the drawdowns, a fraction."),
        MetricSpec("recovery-factor", metrics.recovery_factor, None, "Profit over the deepest fall, in money."),
        MetricSpec("omega", metrics.omega, OmegaParameters, "Gains over losses around a threshold, bar by bar."),
        MetricSpec("gain-to-pain", metrics.gain_to_pain, None, "Sum of the returns over that of the losses."),
        MetricSpec("tail-ratio", metrics.tail_ratio, TailParameters, "Upper quantile of the returns over the lower."),
        MetricSpec(
            "expected-shortfall",
            metrics.expected_shortfall,
            TailParameters,
            "Mean loss in the worst share of the bars, a fraction.",
        ),
        MetricSpec("payoff-ratio", metrics.payoff_ratio, None, "Mean winning trade over the mean losing one."),
        MetricSpec(
            "system-quality-number",
            metrics.system_quality_number,
            None,
            "Mean over deviation of the trades' returns, times the root of their number.",
        ),
    ]


@hookimpl
def orchestrator_report_sections() -> list[ReportSectionSpec]:
    """Offer the table of monthly returns."""
    description = "Returns of every month and year, of the whole and of each strategy."
    return [ReportSectionSpec("monthly-returns", MonthlyReturns, MonthlyReturnsParameters, description)]
