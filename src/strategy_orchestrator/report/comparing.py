"""Runs side by side: measures, and all in which what they stand on differs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_TOP: Final = ("initial_capital", "final_equity")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two or more runs side by side; every sequence of values has one for each run, None where a run has none.

    Attributes
    ----------
    names : tuple of str
        What the runs are called.
    fingerprints : tuple of str
        Of their ledgers.
    portfolio : mapping
        Values of the whole by measure, as text or numbers.
    strategies : mapping
        The same by strategy id.
    differences : mapping
        By part (config, strategies, data, plugins, versions) the values by key, where they are not all the same.
    """

    names: tuple[str, ...]
    fingerprints: tuple[str, ...]
    portfolio: Mapping[str, tuple[Any, ...]]
    strategies: Mapping[str, Mapping[str, tuple[Any, ...]]]
    differences: Mapping[str, Mapping[str, tuple[Any, ...]]]

    @property
    def agrees(self) -> bool:
        """Whether all runs have the same ledgers, to the unit."""
        return len(set(self.fingerprints)) == 1

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {
            "runs": [
                {"name": name, "fingerprint": fingerprint}
                for name, fingerprint in zip(self.names, self.fingerprints, strict=True)
            ],
            "fingerprints_agree": self.agrees,
            "measures": {
                "portfolio": _listed(self.portfolio),
                "strategies": {name: _listed(rows) for name, rows in self.strategies.items()},
            },
            "differences": {part: _listed(rows) for part, rows in self.differences.items()},
        }


def compare(names: Sequence[str], descriptions: Sequence[Mapping[str, Any]]) -> Comparison:
    """Compare runs by what their `run.json` says.

    Parameters
    ----------
    names : sequence of str
        What to call them.
    descriptions : sequence of mapping
        The contents of their `run.json`; complete runs, in the same order.

    Examples
    --------
    >>> one = {"fingerprint": "ab", "config": {"seed": 1}, "summary": {"aggregate": {"metrics": {}}, "strategies": {}}}
    >>> other = {**one, "config": {"seed": 2}}
    >>> compare(["one", "other"], [one, other]).differences["config"]
    {'seed': (1, 2)}
    """
    summaries = [run["summary"] for run in descriptions]
    ids = _ordered(summary["strategies"] for summary in summaries)
    parts = {
        "config": [_flat("", run.get("config") or {}) for run in descriptions],
        "strategies": [_strategies(run) for run in descriptions],
        "data": [_data(run) for run in descriptions],
        "plugins": [_plugins(run) for run in descriptions],
        "versions": [dict(run.get("versions") or {}) for run in descriptions],
    }
    return Comparison(
        names=tuple(names),
        fingerprints=tuple(run["fingerprint"] for run in descriptions),
        portfolio=_side_by_side([_measures(summary["aggregate"]) for summary in summaries]),
        strategies={
            each: _side_by_side([_measures(summary["strategies"].get(each) or {}) for summary in summaries])
            for each in ids
        },
        differences={part: _different(_side_by_side(rows)) for part, rows in parts.items()},
    )


def _listed(rows: Mapping[str, tuple[Any, ...]]) -> dict[str, list[Any]]:
    return {key: list(values) for key, values in rows.items()}


def _ordered(rows: Iterable[Iterable[str]]) -> list[str]:
    # In the order in which they are met, each once.
    return list(dict.fromkeys(key for row in rows for key in row))


def _side_by_side(rows: Sequence[Mapping[str, Any]]) -> dict[str, tuple[Any, ...]]:
    return {key: tuple(row.get(key) for row in rows) for key in _ordered(rows)}


def _different(rows: Mapping[str, tuple[Any, ...]]) -> dict[str, tuple[Any, ...]]:
    return {key: values for key, values in rows.items() if any(value != values[0] for value in values[1:])}


def _measures(row: Mapping[str, Any]) -> dict[str, Any]:
    metrics = dict(row.get("metrics") or {})
    metrics.pop("undefined", None)
    extra = metrics.pop("extra", {})
    money = {name: row[name] for name in _TOP if name in row}
    return {**money, **metrics, **extra}


def _strategies(run: Mapping[str, Any]) -> dict[str, Any]:
    record, plan = run.get("record") or {}, (run.get("context") or {}).get("run_file") or {}
    ids, weights, plans = record.get("strategy_ids") or [], record.get("weights") or [], plan.get("strategies") or []
    rows: dict[str, Any] = {"order": ", ".join(ids), "initial_capital": record.get("initial_capital")}
    rows |= {f"{name}: weight": weight for name, weight in zip(ids, weights, strict=False)}
    for name, item in zip(ids, plans, strict=False):
        rows |= _flat(f"{name}: ", {key: value for key, value in item.items() if key != "weight"})
    for option, item in (plan.get("options") or {}).items():
        # What is named there is among the options.
        rows |= _flat(f"{option}: ", {"params": item.get("params") or {}})
    return rows


def _data(run: Mapping[str, Any]) -> dict[str, Any]:
    data, plan = run.get("data") or {}, (run.get("context") or {}).get("run_file") or {}
    plain = {key: value for key, value in data.items() if key not in {"symbols", "files", "warnings"}}
    symbols = {each["symbol"]: each["sha256"] for each in data.get("symbols") or []}
    return {
        **_flat("source: ", plan.get("data") or {}),
        **plain,
        **{f"symbol {name}": digest for name, digest in symbols.items()},
    }


def _plugins(run: Mapping[str, Any]) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    for each in run.get("plugins") or []:
        owner = f"{each.get('distribution')}:{each.get('name')}"
        rows |= {f"{owner}: {key}": each.get(key) for key in ("version", "hash")}
    return rows


def _flat(prefix: str, values: Mapping[str, Any]) -> dict[str, Any]:
    # Options within options get a name each, so that only those that differ are told.
    rows: dict[str, Any] = {}
    for key, value in values.items():
        rows |= _flat(f"{prefix}{key}.", value) if isinstance(value, Mapping) else {f"{prefix}{key}": value}
    return rows
