"""Look up what a run file names and make the objects, with all faults at once."""

from __future__ import annotations

import glob
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

from pydantic import BaseModel

from strategy_orchestrator.errors import ConfigError, Fault, InputError, OrchestratorError
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.contracts import DataSource
from strategy_orchestrator.models.streams import Prices
from strategy_orchestrator.models.validation import with_seed
from strategy_orchestrator.money import plain
from strategy_orchestrator.run_file.plan import Draft, Named, RunPlan, StrategyPlan

if TYPE_CHECKING:
    from strategy_orchestrator.hooks import PluginManager

KINDS: Final = {
    "conflict_resolution_mode": "resolver",
    "rebalancer": "rebalancer",
    "sizer": "sizer",
    "cost_model": "cost_model",
}
"""What kind of thing each option of `[run]` names."""


@dataclass(frozen=True, slots=True, eq=False)
class PreparedRun:
    """All that a run needs.

    Attributes
    ----------
    strategies : tuple
        The strategies, in the order of the file.
    labels : tuple of str or None
        Their labels.
    config : OrchestratorConfig
        The options; what `[run]` names together with options for it is given as an object.
    """

    plan: RunPlan
    strategies: tuple[object, ...]
    labels: tuple[str | None, ...]
    config: OrchestratorConfig
    source: DataSource

    def weighted(self) -> list[object] | list[tuple[object, Decimal]]:
        """Return the strategies as `StrategyOrchestrator` takes them, with their weights unless these are equal."""
        if self.plan.equal_weights:
            return list(self.strategies)
        weights = [plan.weight for plan in self.plan.strategies]
        pairs = zip(self.strategies, weights, strict=True)
        return [(strategy, weight) for strategy, weight in pairs if weight is not None]

    def load(self) -> Prices:
        """Load the prices, or open them to be read in chunks.

        Raises
        ------
        OrchestratorError
            As the source does.
        """
        return self.source.load()

    def context(self) -> dict[str, object]:
        """Return what belongs into `run.json` beside the result: the run file as understood, and files to hash."""
        return context_of(self.plan)

    def data_files(self) -> list[str]:
        """Return the files that the source was told to read."""
        return _data_files(self.plan)


def prepare(plan: RunPlan, manager: PluginManager) -> PreparedRun:
    """Make the objects that a plan names.

    Raises
    ------
    OrchestratorError
        With one fault for each thing wrong: `ConfigError` for unknown names and wrong options, `PluginError` when only
        plug-ins are to blame.
    """
    return prepare_draft(Draft(plan, ()), manager)


def prepare_draft(draft: Draft, manager: PluginManager) -> PreparedRun:
    """Make the objects that a draft names, or report all its faults and those found on the way.

    Raises
    ------
    OrchestratorError
        As `prepare` does.
    """
    plan = draft.plan
    workshop = _Workshop(manager, plan.config.seed)
    config = workshop.config(plan)
    source = workshop.make("data_source", plan.source)
    strategies = tuple(workshop.strategy(item) for item in plan.strategies)
    if draft.faults:
        raise InputError([*draft.faults, *workshop.faults])
    if workshop.errors:
        kind = (
            ConfigError if any(isinstance(error, InputError) for error in workshop.errors) else type(workshop.errors[0])
        )
        raise kind(workshop.faults)
    labels = tuple(item.label for item in plan.strategies)
    return PreparedRun(plan, strategies, labels, config, source)


def prepare_part(named: Named, kind: str, manager: PluginManager, seed: int = 0) -> Any:
    """Make one thing that a file names.

    Parameters
    ----------
    kind : str
        A value of `hooks.kinds.Kind`.
    seed : int
        Of the run, for what takes one.

    Raises
    ------
    OrchestratorError
        If it is not known, its options are wrong or its plug-in is broken.
    """
    workshop = _Workshop(manager, seed)
    made = workshop.make(kind, named)
    for error in workshop.errors:
        raise error
    return made


def context_of(plan: RunPlan) -> dict[str, object]:
    """Return a run file as it was understood, and the files to hash: it and those of the prices."""
    return {"run_file": _described(plan), "files": [str(plan.path), *_data_files(plan)]}


def make_strategy(plan: RunPlan, place: int, manager: PluginManager) -> object:
    """Make one of the strategies of a plan anew.

    Parameters
    ----------
    place : int
        From 0, in the order of the file.

    Raises
    ------
    OrchestratorError
        As `prepare` does.
    """
    workshop = _Workshop(manager, plan.config.seed)
    made = workshop.strategy(plan.strategies[place])
    if workshop.errors:
        raise type(workshop.errors[0])(workshop.faults)
    return made


class _Workshop:
    # Makes what is named, one thing after another, and keeps what goes wrong.

    def __init__(self, manager: PluginManager, seed: int) -> None:
        self._manager = manager
        self._seed = seed
        self.errors: list[OrchestratorError] = []

    @property
    def faults(self) -> list[Fault]:
        return [fault for error in self.errors for fault in error.faults]

    def make(self, kind: str, named: Named | None) -> Any:
        if named is None:
            return None
        try:
            offer = self._manager.find(kind, named.name, named.where)
            params = plain_params(named.params, offer.spec.parameters)
            return self._manager.build(offer, with_seed(params, offer.spec.parameters, self._seed), named.params_where)
        except OrchestratorError as error:
            self.errors.append(error)
            return None

    def config(self, plan: RunPlan) -> OrchestratorConfig:
        # A name without options stays a name: the run then says it as the user did, and the built-in ones stay codes.
        made = {key: self.make(KINDS[key], named) for key, named in plan.options.items()}
        given = {key: made[key] for key, named in plan.options.items() if named.params and made[key] is not None}
        return plan.config.model_copy(update=given)

    def strategy(self, plan: StrategyPlan) -> object:
        strategy = self.make("strategy", plan.use)
        wanted = {name: getattr(plan, name) for name in ("protective_exits", "warmup_bars", "lookback_bars")}
        for name, value in wanted.items():
            if value is None or strategy is None:
                continue
            try:
                setattr(strategy, name, value)
            except AttributeError:
                problem = f"{type(strategy).__name__} does not let its attribute {name} be set"
                fault = Fault(f"{plan.where}.{name}", problem, "Use an option of the strategy for it", value)
                self.errors.append(ConfigError(fault))
        return strategy


def plain_params(params: Mapping[str, object], model: type[BaseModel] | None) -> dict[str, object]:
    """Return options as a plug-in expects them: fractions as float, but as Decimal where its model says Decimal."""
    fields = {} if model is None else {info.alias or name: info for name, info in model.model_fields.items()}
    return {
        key: value if key in fields and _holds_decimal(fields[key].annotation) else _with_floats(value)
        for key, value in params.items()
    }


def _holds_decimal(annotation: object) -> bool:
    return annotation is Decimal or any(_holds_decimal(part) for part in get_args(annotation))


def _with_floats(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list):
        return [_with_floats(item) for item in value]
    if isinstance(value, dict):
        return {key: _with_floats(item) for key, item in value.items()}
    return value


def _described(plan: RunPlan) -> dict[str, object]:
    return {
        "path": str(plan.path),
        "sha256": plan.sha256,
        "initial_capital": plain(plan.initial_capital),
        "equal_weights": plan.equal_weights,
        "data": _described_named(plan.source),
        "strategies": [
            {
                **_described_named(item.use),
                "weight": None if item.weight is None else plain(item.weight),
                "label": item.label,
                "protective_exits": None if item.protective_exits is None else asdict(item.protective_exits),
                "warmup_bars": item.warmup_bars,
                "lookback_bars": item.lookback_bars,
            }
            for item in plan.strategies
        ],
        "options": {key: _described_named(named) for key, named in plan.options.items()},
        "plugins": asdict(plan.plugins),
    }


def _described_named(named: Named | None) -> dict[str, object]:
    return {} if named is None else {"name": named.name, "params": dict(named.params)}


def _data_files(plan: RunPlan) -> list[str]:
    # Hashed into the run, so that it can be told later which files it was made of.
    value = plan.source.params.get("path") if plan.source is not None else None
    texts = value if isinstance(value, list) else [value]
    found: list[str] = []
    for text in texts:
        if isinstance(text, str):
            # Path.glob refuses absolute patterns.
            matches = [text] if Path(text).is_file() else glob.glob(text, recursive=True)  # noqa: PTH207
            found.extend(sorted(filter(_is_file, matches)))
    return found


def _is_file(path: str) -> bool:
    return Path(path).is_file()
