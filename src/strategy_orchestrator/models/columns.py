"""Which column of a table says what: names as people write them, and the forms that tables of prices come in."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from strategy_orchestrator.errors import Fault, nearest

PRICES: Final[tuple[str, ...]] = ("open", "high", "low", "close")
NUMBERS: Final[tuple[str, ...]] = (*PRICES, "volume", "adj_close")
"""The fields that hold numbers."""

_WORDS: Final = {
    "time": ("timestamp", "datetime", "date", "time", "ts"),
    "symbol": ("symbol", "ticker", "instrument", "asset", "sym"),
    "open": ("open", "openprice", "priceopen"),
    "high": ("high", "highprice", "pricehigh"),
    "low": ("low", "lowprice", "pricelow"),
    "close": ("close", "closeprice", "priceclose"),
    "volume": ("volume", "vol"),
    "adj_close": ("adjclose", "adjustedclose", "closeadj", "closeadjusted"),
}
# Names that mean the field only when no column has one of its words. An index becomes "" or "Unnamed: 0" in CSV.
_WEAK_WORDS: Final = {
    "time": ("", "index", "unnamed0", "t"),
    "symbol": ("name", "code"),
    "open": ("o",),
    "high": ("h",),
    "low": ("l",),
    "close": ("c",),
    "volume": ("v",),
    "adj_close": (),
}
_FIELD_OF: Final = {word: field for field, words in _WORDS.items() for word in words}
_NUMBER_WORDS: Final = tuple(word for field in NUMBERS for word in _WORDS[field])
_SEPARATORS: Final = frozenset("_ .-/:|")
_NEAR: Final = 0.7
_MOST_LISTED: Final = 12


@dataclass(frozen=True, slots=True)
class Layout:
    """Say in which columns of a table the bars are.

    Attributes
    ----------
    time : str
        The column of the closing times.
    symbol : str or None
        The column of the symbols, of a long table.
    groups : mapping
        Named by symbol, then by field: the column. A long table and that of one symbol have one group, named None.
    """

    time: str
    symbol: str | None
    groups: Mapping[str | None, Mapping[str, str]]

    @property
    def is_wide(self) -> bool:
        """Whether each symbol has columns of its own."""
        return None not in self.groups


def find_layout(columns: Sequence[str]) -> tuple[Layout | None, list[Fault]]:
    """Find out what the columns of a table hold, and what is wrong with them.

    A table is *long* or of one symbol when it has columns for open, high, low and close. It is *wide* when none of its
    columns has one of these names: then either each is called after a symbol and a field, in one order (`AAPL_close`
    or `close_AAPL`), or each is called after a symbol and holds its closes. Of a wide table with nothing but closes,
    open, high and low are the close. Other columns are not looked at.

    Parameters
    ----------
    columns : sequence of str
        The names as written.

    Returns
    -------
    tuple
        The layout, None with faults; the faults, `where` being empty.
    """
    found, faults = _fields_of(columns)
    missing = [field for field in PRICES if field not in found]
    others = [name for name in columns if name != found.get("time")]
    if "symbol" not in found:
        pairs = [] if len(missing) < len(PRICES) else list(_pairs(others))
        if not pairs and _are_symbols(others, is_complete=not missing):
            pairs = [(name, "close", name) for name in others]
        if pairs:
            return find_wide(columns, pairs)
    if "time" not in found:
        faults.append(_missing("time", columns))
    faults.extend(_missing(field, columns) for field in missing)
    if faults:
        return None, faults
    group = {field: found[field] for field in NUMBERS if field in found}
    return Layout(found["time"], found.get("symbol"), {None: group}), []


def find_wide(columns: Sequence[str], pairs: Iterable[tuple[str, str, str]]) -> tuple[Layout | None, list[Fault]]:
    """Find the layout of a wide table from (symbol, field, column) of its columns but the time."""
    groups: dict[str | None, dict[str, str]] = {}
    faults: list[Fault] = []
    taken = set()
    for symbol, field, column in pairs:
        taken.add(column)
        other = groups.setdefault(symbol, {}).setdefault(field, column)
        if other != column:
            problem = f"columns {other!r} and {column!r} both hold the {_said(field)} of {symbol!r}"
            faults.append(Fault("", problem, "Keep one", column))
    time = _fields_of([name for name in columns if name not in taken])[0].get("time")
    if time is None:
        faults.append(_missing("time", columns))
    if not groups:
        problem = "no column is called after a symbol and a field, such as ('AAPL', 'close') or ('close', 'AAPL')"
        faults.append(Fault("", problem, "Rename the columns", list(columns)))
    if all("close" in group and not set(group) & {"open", "high", "low"} for group in groups.values()):
        groups = {name: {**dict.fromkeys(PRICES, group["close"]), **group} for name, group in groups.items()}
    for name, group in groups.items():
        missing = [field for field in PRICES if field not in group]
        faults.extend(Fault("", f"there is no column for the {field} of {name!r}", "Add it", name) for field in missing)
    return (None, faults) if faults or time is None else (Layout(time, None, groups), [])


def field_of(name: str) -> str | None:
    """Return the field that a word names, in any usual case and spelling, or None.

    Examples
    --------
    >>> field_of("Adj Close"), field_of("TICKER"), field_of("vwap")
    ('adj_close', 'symbol', None)
    """
    return _FIELD_OF.get(_folded(name))


def pairs_of_levels(columns: Sequence[tuple[str, str]], names: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return (symbol, field, name) of columns with two levels, (field, symbol) or (symbol, field).

    Parameters
    ----------
    columns : sequence of tuple of str
        The two labels of each column.
    names : sequence of str
        What each column is called from here on.

    Returns
    -------
    list
        Without columns that hold something else; empty when neither level names fields.
    """
    fields = [[field_of(labels[level]) for labels in columns] for level in (0, 1)]
    known = [sum(field in NUMBERS for field in level) for level in fields]
    level = 0 if known[0] >= known[1] else 1
    return [
        (labels[1 - level], field, name)
        for labels, field, name in zip(columns, fields[level], names, strict=True)
        if field in NUMBERS and field is not None
    ]


def _folded(name: str) -> str:
    return "".join(sign for sign in name.casefold() if sign.isalnum())


def _said(field: str) -> str:
    return {"adj_close": "adjusted close"}.get(field, field)


def _fields_of(columns: Sequence[str]) -> tuple[dict[str, str], list[Fault]]:
    folded = [(_folded(name), name) for name in columns]
    found: dict[str, str] = {}
    faults = []
    for field in _WORDS:
        names = [name for word, name in folded if word in _WORDS[field]]
        names = names or [name for word, name in folded if word in _WEAK_WORDS[field]]
        if len(names) > 1:
            listed = " and ".join(repr(name) for name in names)
            faults.append(Fault("", f"columns {listed} both name the {_said(field)}", "Keep or rename one", names))
        if names:
            found[field] = names[0]
    return found, faults


def _missing(field: str, columns: Sequence[str]) -> Fault:
    shown = ", ".join(repr(name) for name in columns[:_MOST_LISTED])
    more = f" and {len(columns) - _MOST_LISTED} more" if len(columns) > _MOST_LISTED else ""
    listed = f"the columns are {shown}{more}" if columns else "there are no columns"
    free = [name for name in columns if field_of(name) is None]
    guess = nearest("date" if field == "time" else field, free)
    remedy = f"Rename the column, or add it; did you mean {guess!r}?" if guess else "Rename the column, or add it"
    what = "of times, such as 'date' or 'timestamp'" if field == "time" else repr(field)
    return Fault("", f"there is no column {what}; {listed}", remedy, list(columns))


def _pairs(columns: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    # One order for the whole table: the one that explains more columns.
    options = [[(name, _split(name, is_field_last=last)) for name in columns] for last in (True, False)]
    best = max(options, key=lambda option: sum(pair is not None for _, pair in option))
    for name, pair in best:
        if pair is not None:
            yield (*pair, name)


def _split(name: str, *, is_field_last: bool) -> tuple[str, str] | None:
    places = [place for place, sign in enumerate(name) if sign in _SEPARATORS]
    # The longest field: adj_close rather than close.
    for place in places if is_field_last else reversed(places):
        head, tail = name[:place].strip(), name[place + 1 :].strip()
        symbol, word = (head, tail) if is_field_last else (tail, head)
        field = field_of(word)
        if symbol and field in NUMBERS and field is not None:
            return symbol, field
    return None


def _are_symbols(columns: Sequence[str], *, is_complete: bool) -> bool:
    # Some words and all letters are tickers too (LOW, V): the greater part decides. Misspelt words are no symbols.
    folded = [_folded(name) for name in columns]
    if is_complete:
        letters = [word for word in folded if any(word in weak for weak in _WEAK_WORDS.values())]
        return 2 * len(letters) < len(columns) and not any(word in _FIELD_OF for word in folded)
    words = [word for word in folded if difflib.get_close_matches(word, _NUMBER_WORDS, n=1, cutoff=_NEAR)]
    return 2 * len(words) < len(columns)
