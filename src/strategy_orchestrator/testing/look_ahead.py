"""Whether an answer changes when what comes later does: by cutting the panel short and by changing its later bars."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np

from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.testing.answers import Answers, differences
from strategy_orchestrator.testing.futures import Future, futures_of
from strategy_orchestrator.testing.peeks import Change, describe, peeks_of
from strategy_orchestrator.testing.sights import Sight
from strategy_orchestrator.testing.trials import Place, Trial

MOST_BARS: Final = 400
"""Of a panel of so many bars every bar is tried."""

_BARS_TRIED: Final = 100


def bars_tried(n_bars: int) -> list[int]:
    """Return the bars from which on a panel is varied: every one, or a hundred of a long panel."""
    return list(range(1, n_bars)) if n_bars <= MOST_BARS else spread(n_bars, _BARS_TRIED)


def spread(n_bars: int, number: int) -> list[int]:
    """Return so many bars of a panel, the first one never, as even as whole numbers allow."""
    if number < 1 or n_bars < 2:  # noqa: PLR2004  # a single bar has no later one
        return []
    return sorted({*np.linspace(1, n_bars - 1, min(number, n_bars - 1)).astype(int).tolist()})


def check_truncation(trial: Trial, sight: Sight, panel: Panel) -> None:
    """Refuse answers that change when the panel ends earlier, at whatever bar.

    Raises
    ------
    ContractError
        With the first bar and symbol at which they do.
    """
    _check(trial, sight, panel, [Future(panel)])


def check_perturbation(trial: Trial, sight: Sight, panel: Panel) -> None:
    """Refuse answers that change when later bars do, from whatever bar on.

    Raises
    ------
    ContractError
        With the first bar and symbol at which they do.
    """
    _check(trial, sight, panel, futures_of(panel))


def _check(trial: Trial, sight: Sight, panel: Panel, futures: Iterable[Future]) -> None:
    whole = sight.ask(panel)
    bars = bars_tried(panel.n_bars)
    changes = [change for future in futures for change in changes_of(sight, whole, future, bars)]
    if not changes:
        return
    first = min(changes, key=lambda change: change.difference.order)
    (peek,) = peeks_of(sight, panel, whole, [first])
    difference = first.difference
    if difference.bar is None:
        raise trial.failed(describe(peek, panel), "What holds for all bars may depend on none of them")
    raise trial.failed(describe(peek, panel), sight.rule, Place(panel, difference.bar, difference.column))


def changes_of(sight: Sight, whole: Answers, future: Future, bars: Sequence[int]) -> Iterator[Change]:
    """Yield what changes in another future: of each variation, the first difference in each column.

    Parameters
    ----------
    whole : Answers
        About the panel as it is.
    bars : sequence of int
        The bars from which on the future is another one.
    """
    for varied in sight.ask_varied(future, bars):
        for found in differences(whole, varied.answers, varied.n_rows, exactly=False):
            own = 0 if found.bar is None else found.bar
            yield Change(found, future.name, own + 1 if varied.bar is None else varied.bar)
