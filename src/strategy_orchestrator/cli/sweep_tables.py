"""Print a sweep, or what it would run, as tables and lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from strategy_orchestrator.cli import tables

_SHOWN: Final = ("total_return", "sharpe_ratio", "max_drawdown", "total_trades")
_HEADS: Final = {"total_return": "return", "sharpe_ratio": "Sharpe", "max_drawdown": "max DD", "total_trades": "trades"}
_SHARES: Final = frozenset({"total_return", "cagr", "volatility", "max_drawdown", "annualized_return", "win_rate"})
_MOST_ROWS: Final = 20
_EQUITY: Final = "final_equity"


def show_sweep(
    document: Mapping[str, Any], ranked: Sequence[int], sort: str, folder: str, console: Console | None = None
) -> None:
    """Print the best runs, and how much the best one is worth.

    Parameters
    ----------
    document : mapping
        What `sweep.json` says.
    ranked : sequence of int
        Numbers of the runs that did not fail, the best first.
    sort : str
        The measure that ranks them.
    """
    console = tables.console_of() if console is None else console
    counts = document["counts"]
    failed = f", {counts['failed']:,} failed" if counts["failed"] else ""
    console.print(f"{tables.count_of(counts['runs'], 'run')}{failed}; the best by {sort} first", soft_wrap=True)
    console.print()
    measures = [*_SHOWN, *([sort] if sort not in {*_SHOWN, _EQUITY} else [])]
    names = [*document["grid"]]
    table = _table(names)
    for head in (*(_HEADS.get(name, name) for name in measures), "final equity"):
        table.add_column(head, justify="right", no_wrap=True)
    rows = {row["run"]: row for row in document["rows"]}
    for run in ranked[:_MOST_ROWS]:
        row = rows[run]
        params = (tables.clean(_value(row["params"][name])) for name in names)
        cells = (_cell(name, row["measures"].get(name)) for name in measures)
        table.add_row(str(run), *params, *cells, tables.money(row[_EQUITY]))
    console.print(table)
    console.print()
    if len(ranked) > _MOST_ROWS:
        console.print(f"{tables.count_of(len(ranked) - _MOST_ROWS, 'more run')}: sweep.parquet has all", soft_wrap=True)
    for line in _warning(document):
        console.print(line, soft_wrap=True)
    console.print(f"Fingerprint: {document['fingerprint']}", soft_wrap=True)
    console.print(f"Sweep folder: {folder}", soft_wrap=True)


def show_plan(found: Mapping[str, Any], console: Console | None = None) -> None:
    """Print the combinations.

    Parameters
    ----------
    found : mapping
        What the worker told of the file.
    """
    console = tables.console_of() if console is None else console
    runs = found["runs"]
    console.print(f"{found['file']}: {tables.count_of(len(runs), 'run')} by {found['executor']}", soft_wrap=True)
    console.print()
    names = [*found["grid"]]
    table = _table(names)
    for run in runs:
        table.add_row(str(run["run"]), *(tables.clean(_value(run["params"][name])) for name in names))
    console.print(table)
    for run in runs:
        if run["error"] is not None:
            console.print(f"run {run['run']} is refused: {tables.clean(run['error'])}", soft_wrap=True)


def _table(names: Sequence[str]) -> Table:
    # Names of parameters are long; they may take several lines, numbers may not.
    table = tables.table_of("run")
    for name in names:
        owner, _, option = tables.clean(name).rpartition(".")
        table.add_column(f"{owner}.\n{option}" if owner else option, justify="right", overflow="fold")
    return table


def _warning(document: Mapping[str, Any]) -> Iterator[str]:
    # Whoever picks the best of many sees luck; Bailey and López de Prado (2014) say how much.
    deflated = document["deflated_sharpe"]
    if deflated is None:
        if document["counts"]["runs"] > 1:
            yield "The best of many runs is partly luck; how much cannot be told from these."
        return
    yield (
        f"The best of many runs is partly luck: run {deflated['run']} has the best Sharpe ratio of "
        f"{deflated['n_trials']:,}. That it is better than the best of as many without skill has the probability "
        f"{deflated['probability']:.1%}; looked at alone, that it is above zero, {deflated['probability_alone']:.1%} "
        "(deflated and probabilistic Sharpe ratio, Bailey and López de Prado 2014, 2012)."
    )


def _cell(name: str, value: str | None) -> str:
    if name in _SHARES:
        return tables.percent(value)
    return tables.plain_number(value, None if name.endswith(("trades", "days")) else 2)


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
