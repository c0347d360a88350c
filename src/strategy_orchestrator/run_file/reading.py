"""Read a run file and find everything that is wrong with it without looking at plug-ins."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from strategy_orchestrator.errors import ConfigError, Fault, InputError, unknown_name
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.signals import ProtectiveExits
from strategy_orchestrator.money import sum_exactly
from strategy_orchestrator.run_file.changes import Change, changed
from strategy_orchestrator.run_file.paths import data_path
from strategy_orchestrator.run_file.plan import (
    Draft,
    GridAxis,
    Named,
    PluginSwitches,
    RunPlan,
    StrategyPlan,
    SweepPlan,
)
from strategy_orchestrator.run_file.tables import (
    DataTable,
    ParamsTable,
    PluginsTable,
    RunTable,
    StrategyTable,
    SweepTable,
    Table,
    understood,
)

OPTION_TABLES: Final = {
    "resolver": "conflict_resolution_mode",
    "rebalancer": "rebalancer",
    "sizer": "sizer",
    "cost_model": "cost_model",
}
"""The tables of options, each with the key of `[run]` that names what they are for."""

_OWN_KEYS: Final = frozenset(RunTable.model_fields)
_OPTIONS: Final = frozenset(OrchestratorConfig.model_fields)
_TABLES: Final = ("cost_model", "data", "plugins", "rebalancer", "resolver", "run", "sizer", "strategy", "sweep")
_EXITS: Final = ("max_holding_bars", "stop_loss", "take_profit", "trailing_stop")
_POSITION: Final = re.compile(r"^(?P<problem>.*) \(at (?P<place>line \d+, column \d+|end of document)\)$", re.DOTALL)
_MOST_SHOWN: Final = 60


def read_run_file(path: Path | str) -> RunPlan:
    """Read a run file.

    Raises
    ------
    InputError
        With one fault for each thing wrong that can be seen without the plug-ins; `preparing` finds the others.
    """
    draft = draft_of(path)
    if draft.faults:
        raise InputError(draft.faults)
    return draft.plan


def draft_of(path: Path | str) -> Draft:
    """Read as much of a run file as can be understood.

    Raises
    ------
    InputError
        If there is no such file or it is not TOML at all.
    """
    return document_of(path).draft()


@dataclass(frozen=True, slots=True)
class Document:
    """The text of a run file as tables, of which many runs can be made.

    Attributes
    ----------
    path : Path
        The file, as it was given.
    sha256 : str
        Of its bytes.
    tables : mapping
        What TOML makes of it; fractions are Decimal.
    """

    path: Path
    sha256: str
    tables: Mapping[str, Any]

    def draft(self, changes: Iterable[Change] = ()) -> Draft:
        """Read as much as can be understood of the file, with other values in some places."""
        tables = dict(self.tables)
        for change in changes:
            tables = changed(tables, change)
        return _Reader(self.path, tables).draft(self.sha256)


def document_of(path: Path | str) -> Document:
    """Read the text of a run file.

    Raises
    ------
    InputError
        If there is no such file or it is not TOML at all.
    """
    path = Path(path)
    content = _content(path)
    return Document(path, hashlib.sha256(content).hexdigest(), _toml(content, path))


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else (error.strerror or str(error))
        raise InputError(Fault(str(path), f"the run file cannot be read: {reason}", value=str(path))) from None


def _toml(content: bytes, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode("utf-8-sig"), parse_float=Decimal)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        fault = Fault(f"{path}, line {line}", "the text is not UTF-8", "Save the file as UTF-8")
    except RecursionError:
        fault = Fault(str(path), "the values are nested too deeply")
    except ValueError as error:
        match = _POSITION.match(str(error))
        where, problem = (f"{path}, {match['place']}", match["problem"]) if match else (str(path), str(error))
        fault = Fault(where, f"this is not TOML: {problem[:1].lower()}{problem[1:]}")
    raise InputError(fault)


class _Reader:
    # Keeps the faults while the sections are read one after another.

    def __init__(self, path: Path, tables: dict[str, Any]) -> None:
        self._path = path
        self._tables = tables
        self._faults: list[Fault] = []

    def draft(self, sha256: str) -> Draft:
        for name in self._tables:
            if name not in _TABLES:
                self._faults.append(unknown_name(self._at(name), "table", name, _TABLES))
        run = self._section(RunTable, "run")
        config = self._config()
        plan = RunPlan(
            path=self._path,
            sha256=sha256,
            config=config,
            initial_capital=run["initial_capital"] or Decimal(0),
            source=self._source(),
            strategies=self._strategies(equal_weights=run["equal_weights"]),
            equal_weights=run["equal_weights"],
            plugins=self._plugins(),
            options=self._options(config),
            sweep=self._sweep(),
        )
        return Draft(plan, tuple(self._faults))

    def _at(self, place: str) -> str:
        return f"{self._path}: {place}"

    def _table(self, name: str) -> dict[str, Any] | None:
        table = self._tables.get(name, {})
        if isinstance(table, dict):
            return table
        problem = f"{_shown(table)} was found; expected a table"
        self._faults.append(Fault(self._at(name), problem, f"Write [{name}] on a line of its own", table))
        return None

    def _section(self, model: type[Table], name: str) -> dict[str, Any]:
        table = self._table(name)
        if table is not None and name not in self._tables and model.required:
            self._faults.append(Fault(self._at(name), f"the table [{name}] is missing", f"Write [{name}]"))
            table = None
        values, faults = understood(model, table or {}, self._at(name))
        self._faults.extend(faults if table is not None else ())
        return values

    def _config(self) -> OrchestratorConfig:
        given = self._tables.get("run", {})
        table = {key: value for key, value in given.items() if key not in _OWN_KEYS} if isinstance(given, dict) else {}
        unknown = [key for key in table if key not in _OPTIONS]
        self._faults.extend(unknown_name(self._at(f"run.{key}"), "key", key, _OPTIONS | _OWN_KEYS) for key in unknown)
        options = {key: value for key, value in table.items() if key in _OPTIONS}
        try:
            return OrchestratorConfig(**options)
        except ConfigError as error:
            faults = error.faults
        self._faults.extend(replace(fault, where=self._at(f"run.{fault.where}")) for fault in faults)
        wrong = {fault.where.partition(".")[0] for fault in faults}
        return OrchestratorConfig(**{key: value for key, value in options.items() if key not in wrong})

    def _source(self) -> Named | None:
        values = self._section(DataTable, "data")
        name = values.pop("source")
        where = self._at("data")
        if isinstance(values.get("path"), str | list):
            values["path"] = self._paths(values["path"], f"{where}.path")
        return None if name is None else Named(f"{where}.source", name, values, where)

    def _paths(self, value: object, where: str) -> object:
        if isinstance(value, list):
            return [self._paths(item, f"{where}[{place}]") for place, item in enumerate(value, 1)]
        if not isinstance(value, str):
            self._faults.append(Fault(where, f"{_shown(value)} was found; expected text, a path", value=value))
            return value
        try:
            return data_path(value, self._path.parent, where)
        except InputError as error:
            self._faults.extend(error.faults)
            return value

    def _plugins(self) -> PluginSwitches:
        values = self._section(PluginsTable, "plugins")
        block, only, listen = (
            None if values[key] is None else tuple(values[key]) for key in ("block", "only", "listen")
        )
        return PluginSwitches(block or (), only, values["autoload"], listen or ())

    def _sweep(self) -> SweepPlan | None:
        if "sweep" not in self._tables:
            return None
        values = self._section(SweepTable, "sweep")
        where = self._at("sweep")
        executor = Named(f"{where}.executor", values["executor"], values["params"], f"{where}.params")
        axes = tuple(self._axes(values["grid"], ""))
        if values["grid"] == {} and "grid" in (self._table("sweep") or {}):
            self._faults.append(Fault(f"{where}.grid", "it is empty", "Write for instance momentum.fast = [5, 10]"))
        return SweepPlan(executor, values["jobs"], axes)

    def _axes(self, table: Mapping[str, Any], prefix: str) -> Iterator[GridAxis]:
        # momentum.fast = [5, 10] without quotes is a table in a table.
        for key, values in table.items():
            name = f"{prefix}{key}"
            where = self._at(f"sweep.grid.{name}")
            if isinstance(values, dict):
                yield from self._axes(values, f"{name}.")
                continue
            fault = _axis_fault(where, values)
            if fault is None:
                yield GridAxis(where, name, tuple(values))
            else:
                self._faults.append(fault)

    def _options(self, config: OrchestratorConfig) -> dict[str, Named]:
        options = {}
        for table, key in OPTION_TABLES.items():
            values = self._section(ParamsTable, table)
            name = getattr(config, key)
            if isinstance(name, str):
                options[key] = Named(self._at(f"run.{key}"), name, values["params"], self._at(f"{table}.params"))
            elif table in self._tables and name is None:
                problem = f"there are options, but run.{key} names nothing to give them to"
                self._faults.append(Fault(self._at(table), problem, f'Write {key} = "..." in [run]'))
        return options

    def _strategies(self, *, equal_weights: bool) -> tuple[StrategyPlan, ...]:
        tables = self._tables.get("strategy", [])
        is_list = isinstance(tables, list) and all(isinstance(table, dict) for table in tables)
        if not is_list or not tables:
            problem = f"{_shown(tables)} was found" if tables else "there is no strategy"
            remedy = "Write [[strategy]], in double brackets, once for each strategy"
            self._faults.append(Fault(self._at("strategy"), problem, remedy))
            return ()
        plans = tuple(
            self._strategy(table, place, equal_weights=equal_weights) for place, table in enumerate(tables, 1)
        )
        self._check_weights(plans)
        self._check_labels(plans)
        return plans

    def _strategy(self, table: dict[str, Any], place: int, *, equal_weights: bool) -> StrategyPlan:
        where = self._at(f"strategy[{place}]")
        values, faults = understood(StrategyTable, table, where)
        self._faults.extend(faults)
        if equal_weights and "weight" in table:
            problem = "a weight is given although run.equal_weights is true"
            self._faults.append(Fault(f"{where}.weight", problem, "Leave one of the two out"))
        if not equal_weights and "weight" not in table:
            remedy = "Give it a share of the capital, or write equal_weights = true in [run]"
            self._faults.append(Fault(f"{where}.weight", "the key is missing", remedy))
        use = values["use"]
        return StrategyPlan(
            where=where,
            use=None if use is None else Named(f"{where}.use", use, values["params"], f"{where}.params"),
            weight=values["weight"],
            label=values["label"],
            protective_exits=self._exits(values["protective_exits"], f"{where}.protective_exits"),
            warmup_bars=values["warmup_bars"],
            lookback_bars=values["lookback_bars"],
        )

    def _exits(self, table: dict[str, Any] | None, where: str) -> ProtectiveExits | None:
        if table is None:
            return None
        unknown = [key for key in table if key not in _EXITS]
        self._faults.extend(unknown_name(f"{where}.{key}", "key", key, _EXITS) for key in unknown)
        try:
            return ProtectiveExits(**{key: value for key, value in table.items() if key in _EXITS})
        except ConfigError as error:
            for fault in error.faults:
                self._faults.append(replace(fault, where=f"{where}.{fault.where.rpartition('.')[2]}"))
            return None

    def _check_weights(self, plans: tuple[StrategyPlan, ...]) -> None:
        weights = [plan.weight for plan in plans if plan.weight is not None]
        total = sum_exactly(weights)
        if total > 1:
            listed = " + ".join(f"{weight:f}" for weight in weights)
            problem = f"the sum of the weights, {listed} = {total:f}, is more than 1"
            self._faults.append(Fault(self._at("strategy"), problem, "Lower them; what is left is the reserve", total))

    def _check_labels(self, plans: tuple[StrategyPlan, ...]) -> None:
        owners: dict[str, StrategyPlan] = {}
        for plan in plans:
            if plan.label is None:
                continue
            owner = owners.setdefault(plan.label, plan)
            if owner is not plan:
                problem = f"{plan.label!r} is the label of {owner.where.removeprefix(self._at(''))} too"
                self._faults.append(Fault(f"{plan.where}.label", problem, "Give each its own", plan.label))


def _axis_fault(where: str, values: object) -> Fault | None:
    if not isinstance(values, list):
        return Fault(where, f"{_shown(values)} was found; expected a list", "Write [5, 10, 20]", values)
    if not values:
        return Fault(where, "the list is empty", "Give the values that it shall take", values)
    seen: set[tuple[type, str]] = set()
    for value in values:
        known = (type(value), str(value))
        if known in seen:
            return Fault(where, f"{_shown(value)} is there twice", "Leave one out", value)
        seen.add(known)
    return None


def _shown(value: object) -> str:
    # Short enough for one line, whatever somebody wrote.
    text = str(value) if isinstance(value, Decimal) else repr(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}..."
