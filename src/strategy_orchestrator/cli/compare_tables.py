"""Print runs side by side."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from strategy_orchestrator.hooks.guard import one_line
from strategy_orchestrator.report import Comparison

_ABSENT: Final = "n/a"
_MISSING: Final = "-"
_MOST_LETTERS: Final = 48
_DIGITS_SHOWN: Final = 12
_HASH_DIGITS: Final = 64
_PERCENT: Final = frozenset(
    {
        "total_return",
        "annualized_return",
        "cagr",
        "volatility",
        "max_drawdown",
        "win_rate",
        "exposure",
        "turnover",
    }
)
_MONEY: Final = frozenset({"initial_capital", "final_equity", "average_win", "average_loss", "expectancy"})
_SHOWN_OF_STRATEGIES: Final = ("total_return", "sharpe_ratio", "max_drawdown", "total_trades", "final_equity")
_TITLES: Final = {
    "config": "Options",
    "strategies": "Strategies",
    "data": "Data",
    "plugins": "Plug-ins",
    "versions": "Versions",
}


def show_comparison(comparison: Comparison, console: Console | None = None) -> None:
    """Print measures, differences, and whether the ledgers agree."""
    # Names come from files; brackets in them are no markup.
    console = Console(markup=False, highlight=False, emoji=False) if console is None else console
    for table in (_portfolio(comparison), _strategies(comparison)):
        console.print(table)
        console.print()
    for part, title in _TITLES.items():
        rows = comparison.differences[part]
        if rows:
            console.print(_differences(f"{title} that differ", rows, comparison.names))
            console.print()
    for line in _lines(comparison):
        console.print(line, soft_wrap=True)


def _table(title: str, names: tuple[str, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column(title, overflow="fold")
    for name in names:
        table.add_column(Text(one_line(name)), justify="right", overflow="fold")
    return table


def _portfolio(comparison: Comparison) -> Table:
    table = _table("portfolio", comparison.names)
    for measure, values in comparison.portfolio.items():
        table.add_row(measure, *(_value(measure, value) for value in values))
    return table


def _strategies(comparison: Comparison) -> Table:
    table = _table("strategy", comparison.names)
    for strategy, rows in comparison.strategies.items():
        table.add_row(one_line(strategy))
        for measure in _SHOWN_OF_STRATEGIES:
            values = rows.get(measure, (None,) * len(comparison.names))
            table.add_row(f"  {measure}", *(_value(measure, value) for value in values))
    return table


def _differences(title: str, rows: Mapping[str, tuple[Any, ...]], names: tuple[str, ...]) -> Table:
    table = _table(title, names)
    for key, values in rows.items():
        table.add_row(one_line(key), *map(_shown, values))
    return table


def _lines(comparison: Comparison) -> Iterator[str]:
    same = [title for part, title in _TITLES.items() if not comparison.differences[part]]
    if same:
        yield f"The same in all: {', '.join(same).lower()}"
    if comparison.agrees:
        yield f"Fingerprints agree: {comparison.fingerprints[0]}"
        return
    yield "Fingerprints differ:"
    for name, fingerprint in zip(comparison.names, comparison.fingerprints, strict=True):
        yield f"  {fingerprint}  {one_line(name)}"


def _value(measure: str, value: object) -> str:
    if value is None:
        return _ABSENT
    number = Decimal(str(value))
    if measure in _PERCENT:
        return f"{number * 100:,.2f}%"
    if measure in _MONEY:
        return f"{number:,.2f}"
    return f"{number:,.0f}" if number == number.to_integral_value() else f"{number:,.4f}"


def _shown(value: object) -> str:
    if value is None:
        return _MISSING
    text = one_line(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    if len(text) == _HASH_DIGITS and " " not in text:
        return text[:_DIGITS_SHOWN]
    return text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]}..."
