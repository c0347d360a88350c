"""Values as JSON, and foreign text made visible."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path, PurePath
from typing import Any, Final, NoReturn

from strategy_orchestrator.errors import DataError, Fault
from strategy_orchestrator.money import plain

_LINE: Final = json.JSONEncoder(allow_nan=False)
_PAGE: Final = json.JSONEncoder(allow_nan=False, indent=2)
_LINES_AT_ONCE: Final = 4096
# Text of others may end up inside a page of HTML; these letters occur nowhere in JSON but inside text.
_MARKUP: Final = (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"))


def jsonable(value: object) -> Any:
    """Return a value in types that JSON has.

    Decimals become text, times ISO 8601, what is not finite None, options their resolved form, and any other object
    the name of its class.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((jsonable(item) for item in value), key=repr)
    return _scalar(value)


# The first type that fits decides, so the narrower ones come first.
_SCALARS: Final[tuple[tuple[type, Callable[[Any], object]], ...]] = (
    (Enum, lambda value: jsonable(value.value)),
    (int, lambda value: value),
    (Decimal, lambda value: plain(value) if value.is_finite() else None),
    (float, lambda value: float(value) if math.isfinite(value) else None),
    (datetime, lambda value: value.isoformat().replace("+00:00", "Z")),
    (PurePath, str),
)
# Options and models of pydantic say themselves what they hold; their classes are slow to load, and few who read a seal
# have any.
_TELLING: Final = ("resolved", "model_dump")


def _scalar(value: object) -> object:
    for kind, written in _SCALARS:
        if isinstance(value, kind):
            return written(value)
    for name in _TELLING:
        telling = getattr(type(value), name, None)
        if telling is not None:
            return jsonable(telling(value))
    return f"{type(value).__module__}.{type(value).__qualname__}"


def json_bytes(value: object) -> bytes:
    """Write a value as JSON for people to read; no letter of it means anything in HTML."""
    return _harmless(f"{_PAGE.encode(jsonable(value))}\n")


def json_lines(events: Iterable[Mapping[str, object]]) -> Iterator[bytes]:
    """Write events as JSON, one a line, some thousand lines at once."""
    lines: list[str] = []
    for event in events:
        lines.append(_LINE.encode(event))
        if len(lines) == _LINES_AT_ONCE:
            yield _joined(lines)
            lines.clear()
    yield _joined(lines)


def _joined(lines: list[str]) -> bytes:
    return _harmless("".join(f"{line}\n" for line in lines))


def _harmless(text: str) -> bytes:
    for letter, escape in _MARKUP:
        text = text.replace(letter, escape)
    return text.encode("ascii")


def read_json(path: Path) -> dict[str, Any]:
    """Read a file that holds one JSON object.

    Raises
    ------
    DataError
        If it cannot be read or holds something else.
    """
    try:
        content = json.loads(path.read_bytes().decode("utf-8"), parse_constant=_refuse)
    except OSError as error:
        raise DataError(
            Fault(str(path), f"the file cannot be read: {(error.strerror or str(error)).lower()}")
        ) from None
    except (ValueError, RecursionError):
        raise DataError(Fault(str(path), "the file is not JSON", "Save the run again")) from None
    if not isinstance(content, dict):
        raise DataError(Fault(str(path), "the file holds no JSON object", "Save the run again"))
    return content


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def visible(text: str) -> str:
    """Return text with every letter that does not print written as its escape, line ends excepted.

    Letters that turn the direction of writing count among them.
    """
    return "".join(letter if letter.isprintable() or letter in "\n\t" else _escape(letter) for letter in text)


def _escape(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")
