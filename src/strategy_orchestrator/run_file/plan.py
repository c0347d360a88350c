"""What a run file says, as nouns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from strategy_orchestrator.errors import Fault
from strategy_orchestrator.hooks.switches import Wish
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.signals import ProtectiveExits


@dataclass(frozen=True, slots=True)
class Named:
    """Something that a plug-in offers, and the options for it.

    Attributes
    ----------
    where : str
        The place of the name in the file, for errors.
    name : str
        As written: `name` or `distribution:name`.
    params : mapping
        As written; fractions are Decimal.
    params_where : str
        The place of the options in the file, for errors.
    """

    where: str
    name: str
    params: Mapping[str, object]
    params_where: str


@dataclass(frozen=True, slots=True)
class StrategyPlan:
    """One `[[strategy]]` of the file.

    Attributes
    ----------
    where : str
        Its place, for errors; the first `[[strategy]]` is `strategy[1]`.
    use : Named or None
        What it uses; None when the file does not say so in a way that can be understood.
    weight : Decimal or None
        Exact; None with `equal_weights`.
    """

    where: str
    use: Named | None
    weight: Decimal | None = None
    label: str | None = None
    protective_exits: ProtectiveExits | None = None
    warmup_bars: int | None = None
    lookback_bars: int | None = None


@dataclass(frozen=True, slots=True)
class PluginSwitches:
    """Which plug-ins take part: the table `[plugins]`."""

    block: tuple[str, ...] = ()
    only: tuple[str, ...] | None = None
    autoload: bool = True
    listen: tuple[str, ...] = ()

    def wish(self) -> Wish:
        """Return what the table says of each switch."""
        return Wish(self.block or None, self.only, None if self.autoload else False, self.listen or None)


@dataclass(frozen=True, slots=True)
class GridAxis:
    """One thing that a sweep varies.

    Attributes
    ----------
    where : str
        Its place in the file, for errors.
    name : str
        As written: `momentum.fast`, `run.commission_pct`.
    values : tuple
        What it takes, one after another, at least one; fractions are Decimal.
    """

    where: str
    name: str
    values: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class SweepPlan:
    """How many runs are made of a file: the table `[sweep]`.

    Attributes
    ----------
    executor : Named
        What spreads the runs, and its options.
    jobs : int or None
        Runs at once; None for what the executor does by itself.
    axes : tuple of GridAxis
        What varies, in the order of the file.
    """

    executor: Named
    jobs: int | None
    axes: tuple[GridAxis, ...]


@dataclass(frozen=True, slots=True)
class RunPlan:
    """A run file, understood; nothing that it names has been looked up.

    Attributes
    ----------
    path : Path
        The file, as it was given.
    sha256 : str
        Of the bytes of the file.
    options : mapping
        Named by option (`conflict_resolution_mode`, `rebalancer`, `sizer`, `cost_model`): what the file names there.
    sweep : SweepPlan or None
        How many runs are made of the file; None when it does not say so. A single run does not look at it.
    """

    path: Path
    sha256: str
    config: OrchestratorConfig
    initial_capital: Decimal
    source: Named | None
    strategies: tuple[StrategyPlan, ...]
    equal_weights: bool = False
    plugins: PluginSwitches = PluginSwitches()
    options: Mapping[str, Named] = field(default_factory=dict)
    sweep: SweepPlan | None = None

    @property
    def folder(self) -> Path:
        """The folder of the file; relative paths in it start here."""
        return self.path.parent


@dataclass(frozen=True, slots=True)
class Draft:
    """What could be understood of a run file, and all that is wrong with it so far.

    With faults, the plan lacks what they are about; it serves to find the faults in the rest.
    """

    plan: RunPlan
    faults: tuple[Fault, ...]
