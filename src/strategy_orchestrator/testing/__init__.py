"""The kit for authors of plug-ins: checks that hold a plug-in to the contract, and builders of what it is given.

Every check raises `ContractError`, an AssertionError, in one line. pytest is not needed, but made for it: the functions
`*_checks` return checks to parametrize a test with, one each behavior; `check_*` run them all.
"""

from __future__ import annotations

from strategy_orchestrator.errors import ContractError
from strategy_orchestrator.testing.executors import check_executor, executor_checks
from strategy_orchestrator.testing.measures import check_metric, metric_checks
from strategy_orchestrator.testing.panels import make_bars, make_panel, panel_of_text
from strategy_orchestrator.testing.plugins import contract_checks
from strategy_orchestrator.testing.portfolios import make_signals, make_state, make_trades
from strategy_orchestrator.testing.pricing import check_cost_model, check_sizer, cost_model_checks, sizer_checks
from strategy_orchestrator.testing.rebalancers import check_rebalancer, rebalancer_checks
from strategy_orchestrator.testing.resolvers import check_resolver, resolver_checks
from strategy_orchestrator.testing.results import make_result
from strategy_orchestrator.testing.scanning import Finding, Verdict, find_look_ahead
from strategy_orchestrator.testing.sections import check_report_section, report_section_checks
from strategy_orchestrator.testing.sources import check_source, source_checks
from strategy_orchestrator.testing.strategies import check_strategy, strategy_checks
from strategy_orchestrator.testing.trials import Check, named_checks

__all__ = [
    "Check",
    "ContractError",
    "Finding",
    "Verdict",
    "check_cost_model",
    "check_executor",
    "check_metric",
    "check_rebalancer",
    "check_report_section",
    "check_resolver",
    "check_sizer",
    "check_source",
    "check_strategy",
    "contract_checks",
    "cost_model_checks",
    "executor_checks",
    "find_look_ahead",
    "make_bars",
    "make_panel",
    "make_result",
    "make_signals",
    "make_state",
    "make_trades",
    "metric_checks",
    "named_checks",
    "panel_of_text",
    "rebalancer_checks",
    "report_section_checks",
    "resolver_checks",
    "sizer_checks",
    "source_checks",
    "strategy_checks",
]
