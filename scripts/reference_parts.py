"""Options, keys, errors, words and commands as Markdown."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, Final, Union, get_args, get_origin

import click
from pydantic import BaseModel

from scripts.docstrings import docstring_of
from strategy_orchestrator import builtin, errors
from strategy_orchestrator.cli.group import COMMANDS, PROGRAM, orchestrate
from strategy_orchestrator.hooks.describing import parameters_of
from strategy_orchestrator.kernel.status import FAULTS
from strategy_orchestrator.models.columns import _WEAK_WORDS, _WORDS
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.records import DecisionKind, Reason
from strategy_orchestrator.models.signals import ProtectiveExits
from strategy_orchestrator.models.specs import Spec
from strategy_orchestrator.run_file.tables import (
    DataTable,
    ParamsTable,
    PluginsTable,
    RunTable,
    StrategyTable,
    SweepTable,
    Table,
)
from strategy_orchestrator.store.columns import TABLES, schema_of

_WIDTH: Final = 100
_DEEPEST: Final = 3
_WORDS_OF_TYPES: Final = {str: "text", int: "whole number", bool: "true or false", Decimal: "number", dict: "table"}


def table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a table."""
    names = list(heads)
    lines = [names, ["---"] * len(names), *([_cell(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ") or " "


def _code(value: object) -> str:
    return f"`{value}`"


def _shown(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return _code(str(value).lower())
    return "empty" if value in ((), [], {}, "") else _code(value)


def options() -> str:
    """Return every field of `OrchestratorConfig`, with its default."""
    fields = OrchestratorConfig.model_fields
    rows = [
        (
            ", ".join(_code(name) for name in item.names),
            item.type,
            " / ".join(dict.fromkeys(_shown(fields[name].get_default()) for name in item.names)),
            item.text,
        )
        for item in docstring_of(OrchestratorConfig).sections["Attributes"]
    ]
    return table(("option", "value", "default", "meaning"), rows)


def _keys(model: type[Table]) -> Callable[[], str]:
    def keys() -> str:
        rows = [
            (
                _code(name),
                _kind(info.annotation),
                "required" if name in model.required else _shown(info.get_default(call_default_factory=True)),
                info.description,
            )
            for name, info in model.model_fields.items()
        ]
        return table(("key", "value", "default", "meaning"), rows)

    return keys


def _kind(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _kind(arguments[0])
    if origin in {Union, types.UnionType}:
        return " or ".join(_kind(part) for part in arguments if part is not type(None))
    if origin is list:
        return f"list of {_kind(arguments[0])}"
    return _WORDS_OF_TYPES[origin or annotation]


def _parameters(model: type[BaseModel]) -> str:
    rows = [
        (
            _code(item.name),
            _code(item.type),
            ", ".join(item.bounds),
            "required" if item.is_required else _shown(item.default),
            item.description,
        )
        for item in parameters_of(model)
    ]
    return table(("option", "type", "bounds", "default", "meaning"), rows)


def _offers() -> Iterator[tuple[str, Spec]]:
    hooks = {
        name.removeprefix("orchestrator_"): value for name, value in vars(builtin).items() if "orchestrator_" in name
    }
    for name, hook in hooks.items():
        for spec in hook():
            yield name.replace("_", " "), spec


def built_in() -> str:
    """Return what is in the box, with its options."""
    rows = [(_code(spec.name), kind, spec.description) for kind, spec in _offers()]
    parts = [table(("name", "among the", "what it does"), rows)]
    seen: set[type[BaseModel]] = set()
    for _, spec in _offers():
        if spec.parameters is not None and spec.parameters not in seen:
            seen.add(spec.parameters)
            twins = [_code(other.name) for _, other in _offers() if other.parameters is spec.parameters]
            parts.append(f"Options of {' and '.join(twins)}:\n\n{_parameters(spec.parameters)}")
    return "\n\n".join(parts)


def protective_exits() -> str:
    """Return the keys of protective exits."""
    items = docstring_of(ProtectiveExits).sections["Parameters"]
    rows = [(", ".join(_code(name) for name in item.names), item.type.partition(",")[0], item.text) for item in items]
    return table(("key", "value", "meaning"), rows)


def error_tree() -> str:
    """Return every error with its base and exit status."""
    values = [value for value in vars(errors).values() if isinstance(value, type)]
    kinds = [value for value in values if issubclass(value, errors.OrchestratorError)]
    rows = [
        (
            _code(kind.__name__),
            ", ".join(_code(base.__name__) for base in kind.__bases__),
            kind.exit_status,
            docstring_of(kind).summary,
        )
        for kind in kinds
    ]
    return table(("error", "is a", "exit status", "raised to"), rows)


def kernel_faults() -> str:
    """Return what the kernel can find wrong with the amounts of a run."""
    return "\n".join(f"- {words}" for words in FAULTS.values())


def _words(enumeration: type[DecisionKind | Reason]) -> Callable[[], str]:
    return lambda: ", ".join(f"{member.value} `{member.name.lower()}`" for member in enumeration)


def schemas() -> str:
    """Return the columns of the tables of a run folder."""
    parts = []
    for name in TABLES:
        columns = {**schema_of(name, ["<strategy id>"])}
        rows = [(_code(column), _code(_polars(kind))) for column, kind in columns.items()]
        parts.append(f"### {name}.parquet\n\n{table(('column', 'type'), rows)}")
    return "\n\n".join(parts)


def _polars(kind: Any) -> str:
    text = str(kind)
    return "Enum" if text.startswith("Enum") else text


def column_words() -> str:
    """Return the names by which columns of prices are known."""
    rows = [
        (
            field.replace("_", " "),
            ", ".join(map(_code, words)),
            ", ".join(_code(word) for word in _WEAK_WORDS[field] if word),
        )
        for field, words in _WORDS.items()
    ]
    return table(("column", "names", "names that count when no column has one of these"), rows)


def commands() -> str:
    """Return the help of every command."""
    return "\n\n".join(_helps(orchestrate, PROGRAM, 2))


def _helps(command: click.Command, path: str, depth: int) -> Iterator[str]:
    context = click.Context(command, info_name=path, terminal_width=_WIDTH, max_content_width=_WIDTH)
    context.help_option_names = ["-h", "--help"]
    yield f"{'#' * depth} {path}\n\n```text\n{command.get_help(context)}\n```"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None, COMMANDS
            yield from _helps(inner, f"{path} {name}", min(depth + 1, _DEEPEST))


PARTS: Final[Mapping[str, Callable[[], str]]] = {
    "options": options,
    "run-table": _keys(RunTable),
    "data-table": _keys(DataTable),
    "strategy-table": _keys(StrategyTable),
    "plugins-table": _keys(PluginsTable),
    "params-table": _keys(ParamsTable),
    "sweep-table": _keys(SweepTable),
    "protective-exits": protective_exits,
    "built-in": built_in,
    "errors": error_tree,
    "kernel-faults": kernel_faults,
    "kinds": _words(DecisionKind),
    "reasons": _words(Reason),
    "schemas": schemas,
    "column-words": column_words,
    "commands": commands,
}
"""What can be made here, by the name of the region."""
