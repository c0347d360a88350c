"""Hooks, contracts and public names as Markdown."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, Final

from pydantic import BaseModel

import strategy_orchestrator
from scripts.docstrings import Docstring, Item, docstring_of
from strategy_orchestrator.hooks import specs
from strategy_orchestrator.hooks.kinds import EVENT_HOOKS, RULES, Kind
from strategy_orchestrator.models import contracts
from strategy_orchestrator.models.specs import RunInfo, Spec

GROUPS: Final = {
    "Run": ("StrategyOrchestrator", "BacktestEngine", "create_plugin_manager"),
    "Prices": ("load_panel", "open_panel", "Panel", "PanelStream", "HistoricalDataBar"),
    "Strategies": ("IStrategy", "SignalStrategy", "WeightStrategy", "Signals", "ProtectiveExits"),
    "Results": ("OrchestratorResult", "BacktestResult", "PerformanceMetrics", "Trade"),
    "States": (
        "OrchestratorState",
        "BacktestState",
        "RunState",
        "StrategyAllocation",
        "Position",
        "Signal",
        "SignalKind",
        "Direction",
    ),
    "Plug-ins": ("hookimpl", "Costs"),
}
"""The public names by what they are for."""
ELSEWHERE: Final = {
    "options.md": ("OrchestratorConfig",),
    "hooks.md": (
        *("ConflictResolver", "CostModel", "DataSource", "Rebalancer", "Sizer"),
        *(name for name in strategy_orchestrator.__all__ if name.endswith("Spec")),
    ),
    "errors.md": tuple(name for name in strategy_orchestrator.__all__ if name.endswith("Error")),
}
"""Public names that have a page of their own."""

_CONTRACTS: Final = {
    Kind.RESOLVER: contracts.ConflictResolver,
    Kind.REBALANCER: contracts.Rebalancer,
    Kind.SIZER: contracts.Sizer,
    Kind.COST_MODEL: contracts.CostModel,
    Kind.DATA_SOURCE: contracts.DataSource,
    Kind.METRIC: contracts.Metric,
    Kind.REPORT_SECTION: contracts.ReportSection,
    Kind.EXECUTOR: contracts.Executor,
}
_WIDTH: Final = 110
_QUALIFIER: Final = re.compile(r"\b(?:strategy_orchestrator|collections|typing|datetime|decimal)(?:\.\w+)*\.(?=\w)")


def hooks() -> str:
    """Return every hook with its signature and what is said of it."""
    parts = []
    for name, hook in vars(specs).items():
        if name.startswith("orchestrator_"):
            parts.append(f"### {name}\n\n{_function(name, hook)}")
    return "\n\n".join(parts)


def declarations() -> str:
    """Return the hooks that register something, with the declaration and the form of what is offered."""
    lines = ["| hook | returns a list of | an object of it has |", "|---|---|---|"]
    for rule in RULES.values():
        forms = ", or ".join(" and ".join(f"`{method}`" for method in form) for form in rule.forms)
        lines.append(f"| `{rule.hook}` | `{rule.spec.__name__}` | {forms} |")
    return "\n".join([*lines, "", *_items(docstring_of(Spec).sections["Parameters"])])


def event_hooks() -> str:
    """Return what an event hook is told of a run that begins."""
    assert set(EVENT_HOOKS) <= set(vars(specs))
    return "\n".join(_items(docstring_of(RunInfo).sections["Attributes"]))


def contracts_of_kinds() -> str:
    """Return what an object of each kind must do."""
    return "\n\n".join(f"### {kind.word}\n\n{_class(contract, 4)}" for kind, contract in _CONTRACTS.items())


def public_names() -> str:
    """Return the public names."""
    parts = []
    for group, names in GROUPS.items():
        parts.append(f"## {group}")
        parts += [f"### {name}\n\n{_described(name, getattr(strategy_orchestrator, name))}" for name in names]
    return "\n\n".join(parts)


def _described(name: str, value: Any) -> str:
    if isinstance(value, type):
        return _class(value, 4)
    return _function(name, value) if inspect.isfunction(value) else _marker(value)


def _function(name: str, function: Any) -> str:
    return f"{_signature(name, function)}\n\n{_prose(docstring_of(function))}"


def _marker(value: Any) -> str:
    return f"A {type(value).__name__}: marks a function of a plug-in as the implementation of the hook of that name."


def _class(kind: type, depth: int) -> str:
    parts = [_prose(docstring_of(kind))]
    if not issubclass(kind, BaseModel | Enum) and _is_made_by_users(kind):
        parts.insert(0, _signature(kind.__name__, kind))
    if issubclass(kind, Enum):
        parts.append("Members: " + ", ".join(f"`{member.name}`" for member in kind) + ".")
    if is_dataclass(kind) and (others := _other_fields(kind)):
        parts.append(others)
    parts += _members(kind, depth)
    return "\n\n".join(part for part in parts if part)


def _other_fields(kind: Any) -> str:
    sections = docstring_of(kind).sections
    told = {name for items in sections.values() for item in items for name in item.names}
    others = [item for item in fields(kind) if item.name not in told]
    listed = ", ".join(f"`{item.name}` ({_QUALIFIER.sub('', str(item.type))})" for item in others)
    return f"{'Further fields' if told else 'Fields'}: {listed}." if others else ""


def _is_made_by_users(kind: type) -> bool:
    has_own = "__init__" in vars(kind) and not getattr(kind, "_is_protocol", False)
    return has_own and (not is_dataclass(kind) or "Parameters" in docstring_of(kind).sections)


def _members(kind: type, depth: int) -> Iterator[str]:
    for name, member in vars(kind).items():
        is_own = not name.startswith("_") or name == "__call__"
        function = member.__func__ if isinstance(member, classmethod) else member
        if is_own and inspect.isfunction(function):
            yield f"{'#' * depth} {kind.__name__}.{name}\n\n{_function(name, function)}"
    yield from _properties(kind)


def _properties(kind: type) -> Iterator[str]:
    found = [
        f"- `{name}`: {docstring_of(member).summary}"
        for name, member in vars(kind).items()
        if not name.startswith("_") and (isinstance(member, property) or type(member).__name__ == "cached_property")
    ]
    if found:
        yield "Properties:\n\n" + "\n".join(found)


def _signature(name: str, target: Any) -> str:
    # Annotations are text already; without their modules they are read best.
    signature = inspect.signature(target)
    given = [_QUALIFIER.sub("", str(item).replace("'", "")) for item in signature.parameters.values()]
    kinds = [item.kind for item in signature.parameters.values()]
    if inspect.Parameter.KEYWORD_ONLY in kinds:
        given.insert(kinds.index(inspect.Parameter.KEYWORD_ONLY), "*")
    given = [item for item in given if item not in {"self", "cls"}]
    returned = signature.return_annotation
    arrow = "" if returned in {None, "None", inspect.Signature.empty} else f" -> {_QUALIFIER.sub('', str(returned))}"
    line = f"{name}({', '.join(given)}){arrow}"
    if len(line) > _WIDTH:
        line = "\n".join([f"{name}(", *(f"    {item}," for item in given), f"){arrow}"])
    return f"```text\n{line}\n```"


def _prose(doc: Docstring) -> str:
    parts = [doc.summary, _flowing(doc.text)]
    for name, items in doc.sections.items():
        parts.append("\n".join([f"{name}:", "", *_items(items)]))
    if doc.returns:
        parts.append(f"Returns: {doc.returns}")
    return "\n\n".join(part for part in parts if part)


def _flowing(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def _items(items: Iterable[Item]) -> list[str]:
    return [_item(item) for item in items]


def _item(item: Item) -> str:
    names = ", ".join(f"`{name}`" for name in item.names)
    kind = f" ({item.type})" if item.type else ""
    return f"- {names}{kind}: {item.text}" if item.text else f"- {names}{kind}"


PARTS: Final[Mapping[str, Callable[[], str]]] = {
    "hooks": hooks,
    "declarations": declarations,
    "run-info": event_hooks,
    "contracts": contracts_of_kinds,
    "api": public_names,
}
"""What can be made here, by the name of the region."""
