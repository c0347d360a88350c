"""Small worlds written as text, and their results as text, so that a case and its arithmetic fit on a page.

A price row is one bar: symbols apart by ``|``, each ``close`` for a flat bar, ``open high low close``, or ``-`` for no
bar. What a strategy says is one string a symbol, one letter a bar. Results are rows of decimals with trailing zeros
left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.reference.simulator import simulate
from tests.reference.world import SCALE, Decision, Outcome, StrategySpec, World

LETTERS: Mapping[str, tuple[str, ...]] = {
    ".": (),
    "E": ("entries",),
    "X": ("exits",),
    "S": ("short_entries",),
    "C": ("short_exits",),
    "B": ("entries", "short_entries"),
    "R": ("exits", "short_entries"),
}
RULES = ("stop_loss", "take_profit", "trailing_stop")


@dataclass(frozen=True, slots=True)
class Case:
    """A world and what was worked out for it on paper; `why` is the arithmetic.

    Attributes
    ----------
    rows : sequence of str
        Every decision but the signals: bar, kind, reason, strategy, symbol, direction, quantity, price, amount,
        commission.
    equity : sequence of str
        One a bar: equity of each sleeve; not compared when empty.
    end : mapping
        Fields of the outcome at the end, each a text with one number a sleeve, or one for the reserve.
    """

    why: str
    prices: Sequence[str]
    strategies: Sequence[StrategySpec]
    rows: Sequence[str]
    equity: Sequence[str] = ()
    end: Mapping[str, str] = field(default_factory=dict)
    capital: str = "1000"
    options: Mapping[str, Any] = field(default_factory=dict)


def units(text: str) -> int:
    """Read a decimal as a count of 10⁻⁶."""
    value = Decimal(text) * SCALE
    assert value == int(value), text
    return int(value)


def decimal_text(count: int) -> str:
    """Write a count of 10⁻⁶ as a decimal without trailing zeros."""
    text = f"{Decimal(count) / SCALE:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def price_grids(rows: Sequence[str]) -> dict[str, list[list[int | None]]]:
    """Read price rows as the four grids."""
    names = ("open", "high", "low", "close")
    grids: dict[str, list[list[int | None]]] = {name: [] for name in names}
    for row in rows:
        bars = [bar.split() for bar in row.split("|")]
        full = [bar if len(bar) == 4 else bar * 4 for bar in bars]
        for place, name in enumerate(names):
            grids[name].append([None if bar[place] == "-" else units(bar[place]) for bar in full])
    return grids


def says(*texts: str, weight: str = "1", **rules: Any) -> StrategySpec:
    """Return a strategy that says one letter a bar, one string a symbol.

    ``E`` entry, ``X`` exit, ``S`` short entry, ``C`` short exit (cover), ``B`` entry and short entry,
    ``R`` exit and short entry.
    """
    grids: dict[str, list[list[bool]]] = {}
    for name in ("entries", "exits", "short_entries", "short_exits"):
        grids[name] = [[name in LETTERS[text[bar]] for text in texts] for bar in range(len(texts[0]))]
    return StrategySpec(weight=Fraction(weight), **grids, **exact(rules))  # type: ignore[arg-type]


def targets(*texts: str, weight: str = "1", **rules: Any) -> StrategySpec:
    """Return a strategy of target weights, one string a symbol, one number or ``.`` a bar."""
    columns = [[None if word == "." else Fraction(word) for word in text.split()] for text in texts]
    grid = [list(row) for row in zip(*columns, strict=True)]
    return StrategySpec(weight=Fraction(weight), form="weights", weights=grid, **exact(rules))


def exact(rules: Mapping[str, Any]) -> dict[str, Any]:
    """Read the protective levels among some fields as fractions."""
    return {name: Fraction(value) if name in RULES else value for name, value in rules.items()}


def world_of(case: Case) -> World:
    """Return the world of a case; lots are whole shares and nothing is closed at the end unless it says so."""
    grids: dict[str, Any] = dict(price_grids(case.prices))
    n_symbols = len(grids["close"][0])
    options: dict[str, Any] = {"lots": [SCALE] * n_symbols, "close_at_end": False, **case.options}
    return World(**grids, strategies=case.strategies, capital=units(case.capital), **options)


def row_text(row: Decision) -> str:
    """Write a row as text."""
    counts = [decimal_text(count) for count in row[6:]]
    words = [str(row.bar), row.kind, row.reason, str(row.strategy), str(row.symbol), str(row.direction), *counts]
    while words[-1] == "0" and len(words) > 5:
        words.pop()
    return " ".join(words)


def told(outcome: Outcome, *, signals: bool = False) -> list[str]:
    """Write the decisions of an outcome: the signals, or all others."""
    return [row_text(row) for row in outcome.decisions if (row.kind == "signal") == signals]


def equity_text(outcome: Outcome) -> list[str]:
    """Write the equity of each bar."""
    return [" ".join(map(decimal_text, row)) for row in outcome.equity]


def check_case(case: Case, run: Callable[[World], Outcome] = simulate) -> None:
    """Run a case, in the simulator unless something else is to run it, and compare it with what was worked out."""
    outcome = run(world_of(case))
    assert told(outcome) == list(case.rows)
    if case.equity:
        assert equity_text(outcome) == list(case.equity)
    for name, text in case.end.items():
        value = getattr(outcome, name)
        counts = value[-1:] if name == "reserve" else value
        assert " ".join(map(decimal_text, counts)) == text, name
