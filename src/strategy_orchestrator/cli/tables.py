"""Print a result as tables and lines, from the summary that the run folder holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table

PORTFOLIO: Final = "portfolio"
RESERVE: Final = "reserve"

_ABSENT: Final = "n/a"
_MOST_LINES: Final = 12
_DIVERSIFYING: Final = "diversifying (below 0.3)"
_REDUNDANT: Final = "redundant (above 0.8)"


def show_run(summary: Mapping[str, Any], folder: str, console: Console | None = None) -> None:
    """Print all that a person wants to know of a run.

    Parameters
    ----------
    summary : mapping
        As `models.summary.summary_of` makes it.
    folder : str
        Where the run lies.
    """
    console = console_of() if console is None else console
    console.print(_headline(summary), soft_wrap=True)
    console.print()
    for table in (_comparison(summary), _capital(summary)):
        console.print(table)
        console.print()
    for line in (*_correlation(summary["correlation"]), *_lines(summary)):
        console.print(line, soft_wrap=True)
    console.print(f"Run folder: {clean(folder)}", soft_wrap=True)


def show_check(found: Mapping[str, Any], console: Console | None = None) -> None:
    """Print what `check` found.

    Parameters
    ----------
    found : mapping
        What the worker told of the file.
    """
    console = console_of() if console is None else console
    n_strategies = len(found["strategies"])
    console.print(
        f"{clean(found['file'])}: no fault. {count_of(n_strategies, 'strategy', 'strategies')}, "
        f"{count_of(len(found['symbols']), 'symbol')}, {count_of(found['bars'], 'bar')}, "
        f"{day_text(found['first'])} to {day_text(found['last'])}.",
        soft_wrap=True,
    )
    for name, use in found["strategies"].items():
        console.print(clean(f"  {name}: {use}"), soft_wrap=True)
    for line in _warnings(found["data_warnings"]):
        console.print(line, soft_wrap=True)


def console_of() -> Console:
    """Return what prints to standard output."""
    # Names come from plug-ins and files; brackets in them are no markup.
    return Console(markup=False, highlight=False, emoji=False)


def table_of(title: str, *columns: str) -> Table:
    """Return an empty table: a column of text, then columns of numbers."""
    # One space between columns, for nine of them must fit 80 characters.
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=0, pad_edge=False)
    table.add_column(title, justify="left", overflow="fold")
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    return table


def _headline(summary: Mapping[str, Any]) -> str:
    counts, period = summary["counts"], summary["period"]
    return (
        f"{count_of(counts['strategies'], 'strategy', 'strategies')} over {count_of(counts['symbols'], 'symbol')}, "
        f"{count_of(period['bars'], 'bar')}, {day_text(period['first'])} to {day_text(period['last'])}, "
        f"capital {money(summary['aggregate']['initial_capital'])}"
    )


def _comparison(summary: Mapping[str, Any]) -> Table:
    table = table_of("strategy", "return", "CAGR", "vol.", "Sharpe", "max DD", "trades", "wins", "final equity")
    rows = {**summary["strategies"], PORTFOLIO: summary["aggregate"]}
    for name, row in rows.items():
        metrics = row["metrics"]
        if name == PORTFOLIO:
            table.add_section()
        table.add_row(
            clean(name),
            percent(metrics["total_return"]),
            percent(metrics["cagr"]),
            percent(metrics["volatility"]),
            plain_number(metrics["sharpe_ratio"]),
            percent(metrics["max_drawdown"]),
            f"{metrics['total_trades']:,}",
            percent(metrics["win_rate"]),
            money(row["final_equity"]),
        )
    return table


def _capital(summary: Mapping[str, Any]) -> Table:
    table = table_of("strategy", "weight at start", "at end", "capital", "blocked", "cut", "dropped")
    limits, conflicts = summary["capital_limit"], summary["conflicts"]
    for name, row in summary["strategies"].items():
        table.add_row(
            clean(name),
            percent(row["weight_at_start"]),
            percent(row["weight_at_end"]),
            money(row["initial_capital"]),
            f"{limits['blocked_by_strategy'].get(name, 0):,}",
            f"{limits['cut_by_strategy'].get(name, 0):,}",
            f"{conflicts['dropped_by_strategy'].get(name, 0):,}",
        )
    whole = summary["aggregate"]
    start, end = (
        _share(whole[f"reserve_at_{when}"], whole[total])
        for when, total in (("start", "initial_capital"), ("end", "final_equity"))
    )
    table.add_section()
    table.add_row(RESERVE, start, end, money(whole["reserve_at_start"]), "", "", "")
    return table


def _correlation(correlation: Mapping[str, Any]) -> Iterator[str]:
    diversifying, redundant = ({tuple(pair) for pair in correlation[name]} for name in ("diversifying", "redundant"))
    pairs = correlation["pairs"]
    if not pairs:
        return
    yield "Correlation of daily returns"
    told = []
    for pair in pairs:
        both = (pair["first"], pair["second"])
        notes = [_DIVERSIFYING] * (both in diversifying) + [_REDUNDANT] * (both in redundant)
        notes += [f"weak, {count_of(pair['n_days'], 'day')} only"] * pair["is_weak"]
        words = ", ".join(map(clean, both)) + (f": {'; '.join(notes)}" if notes else "")
        told.append((not notes, f"{plain_number(pair['value']):>7}  {words}"))
    # Where there are too many for a screen, those that say something come first.
    if len(told) > _MOST_LINES:
        told.sort(key=lambda item: item[0])
    yield from (line for _, line in told[:_MOST_LINES])
    yield from _more(len(told), "pair")
    yield ""


def _lines(summary: Mapping[str, Any]) -> Iterator[str]:
    yield _conflicts(summary["conflicts"])
    yield _blocks(summary["capital_limit"])
    yield _rebalancing(summary["rebalancing"])
    for name, row in summary["strategies"].items():
        if row["activity"]["explanation"]:
            yield f"No trade: {clean(name)}: {clean(row['activity']['explanation'])}"
        if row["is_ruined"]:
            yield f"Ruined: {clean(name)}: its equity fell to zero or below; its positions were closed"
        if row["is_quarantined"]:
            yield f"Quarantined: {clean(name)}: it failed; its positions were closed"
    yield from _undefined(summary)
    yield from _warnings(summary["data_warnings"])
    yield f"Periods per year: {plain_number(summary['periods_per_year'], places=None)} ({summary['periods_source']})"
    stages = "".join(
        f", {name.replace('_', ' ')} {Decimal(seconds):.2f} s" for name, seconds in summary["timing"].items()
    )
    yield f"Time: {Decimal(summary['execution_time_seconds']):.2f} s{stages}"
    yield f"Fingerprint: {summary['fingerprint']}"


def _conflicts(conflicts: Mapping[str, Any]) -> str:
    if not conflicts["detected"]:
        return f"Conflicts: none ({conflicts['mode']})"
    outcomes = conflicts["outcomes"]
    return (
        f"Conflicts: {conflicts['detected']:,} ({conflicts['mode']}): buyers won {outcomes['buy']:,}, sellers "
        f"{outcomes['sell']:,}, neither {outcomes['neither']:,}; {_tally(conflicts['by_symbol'])}"
    )


def _blocks(limits: Mapping[str, Any]) -> str:
    blocked = f"{limits['blocked']:,} ({_tally(limits['blocked_by_reason'])})" if limits["blocked"] else "none"
    return f"Capital blocks: {blocked}; entries cut to what could be paid: {limits['cut']:,}"


def _rebalancing(costs: Mapping[str, Any]) -> str:
    if not costs["n_rebalances"]:
        return "Rebalances: none"
    spent = Decimal(costs["commission"]) + Decimal(costs["slippage"])
    return (
        f"Rebalances: {costs['n_rebalances']:,}; moved {money(costs['transferred'])}, sold {money(costs['sold'])}, "
        f"cost {money(spent)}, turnover {percent(costs['turnover'])} a year"
    )


def _undefined(summary: Mapping[str, Any]) -> Iterator[str]:
    # One line a reason, for the same measure is usually undefined for all.
    owners: dict[tuple[str, str], list[str]] = {}
    for name, row in {**summary["strategies"], PORTFOLIO: summary["aggregate"]}.items():
        for measure, reason in row["metrics"]["undefined"].items():
            owners.setdefault((measure, reason), []).append(clean(name))
    for (measure, reason), names in owners.items():
        yield f"{_ABSENT}: {measure} of {', '.join(names)}: {reason}"


def _warnings(warnings: list[str]) -> Iterator[str]:
    for warning in warnings[:_MOST_LINES]:
        yield f"Data warning: {clean(warning)}"
    yield from _more(len(warnings), "data warning")


def _more(number: int, what: str) -> Iterator[str]:
    if number > _MOST_LINES:
        yield f"{count_of(number - _MOST_LINES, f'more {what}')}: --json shows all"


def _tally(counts: Mapping[str, int]) -> str:
    ordered: Iterable[tuple[str, int]] = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{clean(name)} {number:,}" for name, number in ordered)


def count_of(number: int, one: str, many: str = "") -> str:
    """Return a number with what it counts."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def day_text(moment: str) -> str:
    """Return a moment in ISO 8601, midnight as the day alone."""
    return moment.removesuffix("T00:00:00Z").removesuffix("T00:00:00+00:00")


def percent(value: str | None) -> str:
    """Return a fraction in per cent."""
    return _ABSENT if value is None else f"{Decimal(value) * 100:,.1f}%"


def _share(part: str, whole: str) -> str:
    return _ABSENT if Decimal(whole) <= 0 else percent(str(Decimal(part) / Decimal(whole)))


def plain_number(value: str | None, places: int | None = 2) -> str:
    """Return a number with so many decimals, or with those that it has."""
    if value is None:
        return _ABSENT
    return f"{Decimal(value):,f}" if places is None else f"{Decimal(value):,.{places}f}"


def money(value: str | Decimal | None) -> str:
    """Return money with two decimals."""
    return _ABSENT if value is None else f"{Decimal(value):,.2f}"


def clean(text: str) -> str:
    """Return a name so that it cannot move the cursor or color the screen."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
