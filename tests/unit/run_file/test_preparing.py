"""What is made of a plan, with plug-ins of the test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field

from strategy_orchestrator.errors import ConfigError, Fault, InputError, PluginError, unknown_name
from strategy_orchestrator.models.signals import ProtectiveExits
from strategy_orchestrator.models.validation import faults_of
from strategy_orchestrator.run_file import draft_of, prepare, prepare_draft, read_run_file
from strategy_orchestrator.run_file.preparing import plain_params


class CrossParameters(BaseModel):
    """Options of a strategy."""

    model_config = ConfigDict(extra="forbid", strict=True)

    fast: int = Field(default=10, ge=1)
    level: float = 0.5
    budget: Decimal | None = None


@dataclass
class Cross:
    """A strategy that keeps its options."""

    fast: int = 10
    level: float = 0.5
    budget: Decimal | None = None


class Closed:
    """A strategy whose attributes are fixed."""

    __slots__ = ()


class Prices:
    """A source that keeps its options."""

    def __init__(self, **options: Any) -> None:
        self.options = options

    def load(self) -> Any:
        """Return something in place of a panel."""
        return self.options


class Half:
    """A sizer that keeps its options."""

    def __init__(self, **options: Any) -> None:
        self.options = options

    def fractions(self, panel: Any) -> Any:
        """Return the panel."""
        return panel


@dataclass(frozen=True)
class Spec:
    """What the manager offers under a name."""

    factory: Any
    parameters: type[BaseModel] | None = None


@dataclass(frozen=True)
class Offer:
    """A spec with its owner."""

    spec: Spec


class Manager:
    """Stands in for the plug-in manager."""

    def __init__(self) -> None:
        self.offers: dict[str, dict[str, Spec]] = {
            "strategy": {"cross": Spec(Cross, CrossParameters), "closed": Spec(Closed)},
            "data_source": {"csv": Spec(Prices)},
            "resolver": {"FIRST_WINS": Spec(object), "NET_SIGNAL": Spec(object)},
            "sizer": {"half": Spec(Half)},
        }

    def find(self, kind: str, name: str, where: str) -> Offer:
        """Return what is offered under a name."""
        if name == "broken":
            raise PluginError(Fault(where, "the plug-in 'broken' cannot be loaded"))
        known = self.offers.get(kind, {})
        if name not in known:
            raise ConfigError(unknown_name(where, kind, name, known))
        return Offer(known[name])

    def build(self, offer: Offer, params: Mapping[str, object], where: str) -> object:
        """Make it with checked options."""
        model = offer.spec.parameters
        if model is None:
            return offer.spec.factory(**params)
        try:
            return offer.spec.factory(**dict(model.model_validate(dict(params))))
        except ValueError as error:
            raise ConfigError(faults_of(error, where, model)) from None  # type: ignore[arg-type]


def manager() -> Any:
    """Return a manager as the functions expect it."""
    return Manager()


def write(folder: Path, strategies: str, run: str = "", rest: str = "") -> Path:
    """Write a run file."""
    path = folder / "run.toml"
    data = '[data]\nsource = "csv"\npath = "*.csv"\n'
    path.write_text(f"[run]\ninitial_capital = 1\n{run}\n{data}\n{strategies}\n{rest}\n", encoding="utf-8")
    return path


ONE = '[[strategy]]\nuse = "cross"\nweight = 1\n'


def test_strategies_are_made_with_their_options(tmp_path: Path) -> None:
    """Options arrive as the model of the plug-in declares them: float as float, Decimal as Decimal."""
    path = write(tmp_path, ONE + "params = { fast = 3, level = 0.25, budget = 0.1 }")
    prepared = prepare(read_run_file(path), manager())
    assert prepared.strategies == (Cross(3, 0.25, Decimal("0.1")),)
    assert prepared.weighted() == [(Cross(3, 0.25, Decimal("0.1")), Decimal(1))]
    assert prepared.labels == (None,)


def test_exits_and_warm_up_are_set_on_the_strategy(tmp_path: Path) -> None:
    """The file's protective exits and warm-up become attributes of the strategy."""
    path = write(tmp_path, ONE + "warmup_bars = 5\nprotective_exits = { stop_loss = 0.1 }")
    strategy: Any = prepare(read_run_file(path), manager()).strategies[0]
    assert strategy.warmup_bars == 5
    assert strategy.protective_exits == ProtectiveExits(stop_loss=Decimal("0.1"))


def test_a_strategy_that_takes_no_attributes_is_reported(tmp_path: Path) -> None:
    """A strategy with fixed attributes cannot be given a warm-up."""
    path = write(tmp_path, '[[strategy]]\nuse = "closed"\nweight = 1\nwarmup_bars = 5')
    with pytest.raises(ConfigError, match=r"strategy\[1\]\.warmup_bars: Closed does not let its attribute warmup_bars"):
        prepare(read_run_file(path), manager())


def test_equal_weights_leave_the_weights_out(tmp_path: Path) -> None:
    """Strategies of equal weight are handed over alone."""
    path = write(tmp_path, '[[strategy]]\nuse = "cross"\n', "equal_weights = true")
    assert prepare(read_run_file(path), manager()).weighted() == [Cross()]


def test_a_name_without_options_stays_a_name(tmp_path: Path) -> None:
    """Only what has options of its own is given to the run as an object."""
    path = write(tmp_path, ONE, 'conflict_resolution_mode = "NET_SIGNAL"\nsizer = "half"')
    config = prepare(read_run_file(path), manager()).config
    assert (config.conflict_resolution_mode, config.sizer) == ("NET_SIGNAL", "half")


def test_a_name_with_options_becomes_an_object(tmp_path: Path) -> None:
    """Options of a sizer are given to its factory, fractions within lists and tables too."""
    params = "params = { share = 0.5, steps = [0.1], more = { x = 1.5 } }"
    path = write(tmp_path, ONE, 'sizer = "half"\nrebalance_threshold = 0.2', f"[sizer]\n{params}")
    config = prepare(read_run_file(path), manager()).config
    assert isinstance(config.sizer, Half)
    assert config.sizer.options == {"share": 0.5, "steps": [0.1], "more": {"x": 1.5}}
    assert config.is_rebalancing


def test_the_source_loads_what_the_file_names(tmp_path: Path) -> None:
    """The path of the data reaches the source as an absolute one."""
    prepared = prepare(read_run_file(write(tmp_path, ONE)), manager())
    loaded: Any = prepared.load()
    assert loaded == {"path": str(tmp_path / "*.csv")}


def test_the_context_tells_the_file_and_hashes_the_data(tmp_path: Path) -> None:
    """What goes into the run names the run file, what it used, and every file that the pattern matches."""
    for name in ("b.csv", "a.csv"):
        (tmp_path / name).write_text("x")
    (tmp_path / "folder.csv").mkdir()
    path = write(tmp_path, ONE + "protective_exits = { stop_loss = 0.1 }")
    context: Any = prepare(read_run_file(path), manager()).context()
    assert context["files"] == [str(path), str(tmp_path / "a.csv"), str(tmp_path / "b.csv")]
    about = context["run_file"]
    assert (about["path"], about["initial_capital"], about["equal_weights"]) == (str(path), "1", False)
    assert about["strategies"][0]["name"] == "cross"
    assert about["strategies"][0]["weight"] == "1"
    assert about["strategies"][0]["protective_exits"]["stop_loss"] == Decimal("0.1")
    assert about["data"] == {"name": "csv", "params": {"path": str(tmp_path / "*.csv")}}


def test_faults_of_the_file_and_of_names_come_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong values, unknown names and wrong options of plug-ins are one list."""
    strategies = """
    [[strategy]]
    use = "cros"
    weight = 0.5
    [[strategy]]
    use = "cross"
    weight = -1
    params = { fast = 0, slow = 2 }
    [[strategy]]
    weight = 0.1
    """
    path = write(tmp_path, strategies, 'sizer = "hal"\ncost_model = "broken"')
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as caught:
        prepare_draft(draft_of(path.name), manager())
    assert str(caught.value).splitlines() == [
        "run.toml: strategy[2].weight: -1 is not greater than 0.",
        "run.toml: strategy[3].use: the key is missing. Give it a value.",
        "run.toml: run.sizer: no sizer is called 'hal'; known: 'half'. Did you mean 'half'?",
        "run.toml: run.cost_model: the plug-in 'broken' cannot be loaded.",
        "run.toml: strategy[1].use: no strategy is called 'cros'; known: 'closed', 'cross'. Did you mean 'cross'?",
        "run.toml: strategy[2].params.fast: 0 was found; input should be greater than or equal to 1.",
        "run.toml: strategy[2].params.slow: no key is called 'slow'; known: 'budget', 'fast', 'level'.",
    ]


def test_a_broken_plug_in_alone_is_a_plug_in_error(tmp_path: Path) -> None:
    """When only a plug-in is to blame the error says so by its class, and by exit status 3."""
    path = write(tmp_path, '[[strategy]]\nuse = "broken"\nweight = 1')
    with pytest.raises(PluginError) as caught:
        prepare(read_run_file(path), manager())
    assert caught.value.exit_status == 3


def test_an_unknown_name_outweighs_a_broken_plug_in(tmp_path: Path) -> None:
    """With both, the input is wrong."""
    path = write(tmp_path, '[[strategy]]\nuse = "broken"\nweight = 1', 'sizer = "hal"')
    with pytest.raises(ConfigError) as caught:
        prepare(read_run_file(path), manager())
    assert len(caught.value.faults) == 2


def test_options_without_a_model_become_floats() -> None:
    """A plug-in that declares no model is given plain numbers, for it to refuse."""
    assert plain_params({"a": Decimal("0.1"), "b": 2}, None) == {"a": 0.1, "b": 2}
