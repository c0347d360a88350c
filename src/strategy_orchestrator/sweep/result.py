"""All rows of a sweep: which is best, and how much that is worth."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Final

from strategy_orchestrator.analysis import DailySharpe, DeflatedSharpe, deflated_sharpe
from strategy_orchestrator.errors import ConfigError, unknown_name
from strategy_orchestrator.sweep.rows import SweepRow, in_json

SORTED_BY: Final = "sharpe_ratio"
"""The measure that ranks the runs unless another is named."""

FINAL_EQUITY: Final = "final_equity"

LESS_IS_BETTER: Final = frozenset(
    {"losing_trades", "max_drawdown", "max_drawdown_duration_days", "sharpe_standard_error", "turnover", "volatility"}
)
"""Measures by which the run with the smallest comes first."""


@dataclass(frozen=True, slots=True)
class SweepResult:
    """What a sweep gave.

    Attributes
    ----------
    grid : mapping
        The values of what varied, by name.
    rows : tuple of SweepRow
        One a run, in the order of the combinations.
    """

    grid: Mapping[str, Sequence[object]]
    rows: tuple[SweepRow, ...]

    @property
    def failed(self) -> tuple[SweepRow, ...]:
        """The runs that failed."""
        return tuple(row for row in self.rows if row.has_failed)

    @property
    def fingerprint(self) -> str:
        """SHA-256 over what varied and the fingerprint or the error of every run."""
        return str(self.to_dict()["fingerprint"])

    @property
    def deflated_sharpe(self) -> DeflatedSharpe | None:
        """How likely the run with the best Sharpe ratio has skill; None where that cannot be told."""
        return _deflated([row.daily_sharpe for row in self.rows])

    def ranked(self, measure: str = SORTED_BY) -> tuple[SweepRow, ...]:
        """Return the runs that did not fail, the best first; those of which the measure is undefined come last.

        Raises
        ------
        ConfigError
            If there is no such measure.
        """
        order = ranking([row.to_dict() for row in self.rows], measure)
        by_run = {row.run: row for row in self.rows}
        return tuple(by_run[run] for run in order)

    def to_dict(self) -> dict[str, Any]:
        """Return all of it in types that JSON has; the same whatever executor made the runs."""
        used = {(plugin["distribution"], plugin["name"]): plugin for row in self.rows for plugin in row.plugins}
        plugins = [dict(used[key]) for key in sorted(used)]
        return described(
            {name: [in_json(value) for value in values] for name, values in self.grid.items()},
            [row.to_dict() for row in self.rows],
            plugins,
        )


def described(
    grid: Mapping[str, Sequence[object]], rows: Sequence[Mapping[str, Any]], plugins: Sequence[Mapping[str, str]]
) -> dict[str, Any]:
    """Return what `sweep.json` says of rows that are described already, be they all of the sweep or not.

    Parameters
    ----------
    grid : mapping
        Values in types that JSON has, by name.
    rows : sequence of mapping
        As `SweepRow.to_dict` makes them.
    """
    sharpes = [None if row["daily_sharpe"] is None else DailySharpe(**row["daily_sharpe"]) for row in rows]
    deflated = _deflated(sharpes)
    facts = [[row["run"], row["params"], row["fingerprint"], row["error"]] for row in rows]
    return {
        "fingerprint": hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest(),
        "grid": dict(grid),
        "counts": {
            "runs": math.prod(len(values) for values in grid.values()),
            "finished": len(rows),
            "failed": sum(row["error"] is not None for row in rows),
        },
        "deflated_sharpe": None if deflated is None else {**asdict(deflated), "run": _best(rows, sharpes)},
        "plugins": list(plugins),
        "rows": list(rows),
    }


def ranking(rows: Sequence[Mapping[str, Any]], measure: str, where: str = "measure") -> list[int]:
    """Return the numbers of the runs that did not fail, the best first by a measure.

    Parameters
    ----------
    rows : sequence of mapping
        As `SweepRow.to_dict` makes them.
    where : str
        Who names the measure, in errors.

    Raises
    ------
    ConfigError
        If there are runs and none has such a measure.
    """
    finished = [row for row in rows if row["error"] is None]
    known = {FINAL_EQUITY, *(name for row in finished for name in row["measures"])}
    if finished and measure not in known:
        raise ConfigError(unknown_name(where, "measure", measure, known))

    def key(row: Mapping[str, Any]) -> tuple[bool, Decimal, int]:
        text = row[FINAL_EQUITY] if measure == FINAL_EQUITY else row["measures"].get(measure)
        value = Decimal(0 if text is None else text)
        return text is None, value if measure in LESS_IS_BETTER else -value, row["run"]

    return [row["run"] for row in sorted(finished, key=key)]


def _deflated(sharpes: Sequence[DailySharpe | None]) -> DeflatedSharpe | None:
    defined = [sharpe for sharpe in sharpes if sharpe is not None]
    if not defined:
        return None
    best = max(defined, key=lambda sharpe: sharpe.ratio)
    return deflated_sharpe(best, [sharpe.ratio for sharpe in defined])


def _best(rows: Sequence[Mapping[str, Any]], sharpes: Sequence[DailySharpe | None]) -> int:
    ratios = [(sharpe.ratio, -row["run"]) for row, sharpe in zip(rows, sharpes, strict=True) if sharpe is not None]
    _, place = max(ratios)
    return int(-place)
