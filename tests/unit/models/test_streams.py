"""Prices in chunks: what each brings from before, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pytest

from strategy_orchestrator import ConfigError, DataError, Panel, PanelStream
from strategy_orchestrator.models.panel import DataWarning
from strategy_orchestrator.models.streams import Chunk, chunks_of
from tests.unit.engine.portfolios import START, make_bars, make_panel

PANEL = make_panel("1|10", "2|-", "3|-", "4|40", "5|-", "6|60")


def days(chunk: Chunk) -> tuple[list[int], list[int]]:
    """Return the days of the rows before a chunk and of its own."""
    rows = [moment.day for moment in chunk.panel.timestamps]
    return rows[: chunk.n_before], rows[chunk.n_before :]


def test_chunks_follow_one_another() -> None:
    """The last one is shorter; nothing comes before them unless it is asked for."""
    chunks = list(PanelStream.of_panel(PANEL, 4).chunks())
    assert [days(chunk) for chunk in chunks] == [([], [1, 2, 3, 4]), ([], [5, 6])]
    assert [(chunk.first_bar, chunk.end) for chunk in chunks] == [(0, 4), (4, 6)]


def test_rows_before_a_chunk_are_those_of_the_axis() -> None:
    """As many as are looked back on, as far as there are any."""
    chunks = PanelStream.of_panel(PANEL.select("A"), 2).chunks(3)
    assert [days(chunk) for chunk in chunks] == [([], [1, 2]), ([1, 2], [3, 4]), ([2, 3, 4], [5, 6])]


def test_a_symbol_with_gaps_brings_its_own_bars() -> None:
    """B has a bar on day 6, and on days 4 and 1 before it; of A there are no more rows than are looked back on."""
    last = list(PanelStream.of_panel(PANEL, 1).chunks(2))[-1]
    assert days(last) == ([1, 4, 5], [6])
    assert last.panel.traded.tolist() == [[False, True], [True, True], [True, False], [True, True]]
    assert last.panel.units.close[:, 1].tolist() == [10_000_000, 40_000_000, 0, 60_000_000]


def test_a_symbol_without_a_bar_brings_none() -> None:
    """On day 5 nothing is decided for B, so its bar of day 1 stays away, but for who asks for it."""
    stream = PanelStream.of_panel(PANEL, 1)
    assert days(list(stream.chunks(2))[4]) == ([3, 4], [5])
    held = list(stream.chunks(2, lambda: np.array([1])))[4]
    assert days(held) == ([1, 3, 4], [5])


def test_bars_that_were_not_shown_are_kept() -> None:
    """C trades on days 1, 2 and 6: what day 6 brings has waited while C was silent."""
    panel = make_panel("1|1", "2|2", "3|-", "4|-", "5|-", "6|6")
    assert days(list(PanelStream.of_panel(panel, 1).chunks(2))[-1]) == ([1, 2, 4, 5], [6])


def test_exact_prices_go_along() -> None:
    """Quanta are those of the whole in every chunk, also of bars that wait for long."""
    bars = {"A": make_bars("0.000001", 2, 3, 4), "B": make_bars("0.000003", symbol="B")}
    late = make_bars("0.000005", symbol="B", start=START + timedelta(days=3))
    exact = Panel.from_bars({"A": bars["A"], "B": [*bars["B"], *late]})
    last = list(PanelStream.of_panel(exact, 1).chunks(1))[-1]
    assert days(last) == ([1, 3], [4])
    assert last.panel.units.close.tolist() == [[0, 3], [3_000_000, 0], [4_000_000, 5]]


def test_a_stream_knows_what_a_panel_knows_without_prices() -> None:
    """Times, symbols and sizes are there; a panel is one chunk."""
    stream = PanelStream.of_panel(PANEL, 4)
    assert (stream.n_bars, stream.n_symbols, stream.symbols) == (6, 2, ("A", "B"))
    assert stream.timestamps == PANEL.timestamps
    assert stream.shared() is stream
    assert not hasattr(stream, "close")
    assert [chunk.panel for chunk in chunks_of(PANEL)] == [PANEL]


def test_the_whole_can_be_read_into_memory() -> None:
    """For prices that fit after all."""
    whole = PanelStream.of_panel(PANEL, 4).whole()
    assert whole.traded.tolist() == PANEL.traded.tolist()
    assert whole.units.close.tolist() == PANEL.units.close.tolist()
    assert whole.timestamps == PANEL.timestamps


def test_a_stream_can_go_through_a_function() -> None:
    """Each part does when it is read."""
    seen: list[int] = []

    def note(panel: Panel) -> Panel:
        seen.append(panel.n_bars)
        return panel

    assert len(list(PanelStream.of_panel(PANEL, 4).through(note).chunks())) == 2
    assert seen == [4, 2]


def test_warnings_are_those_of_the_bars_read_so_far() -> None:
    """They are kept when the stream is read again, and not told twice."""

    class Counts:
        lookback_bars = 0

        def __init__(self, n_bars: int) -> None:
            self.n_bars = n_bars

        def take(self, chunk: Chunk) -> list[DataWarning]:
            return [DataWarning("A", chunk.first_bar, f"one of {self.n_bars}")]

    def read() -> Iterator[Panel]:
        return (PANEL.between(first, first + 3) for first in (0, 3))

    stream = PanelStream(PANEL.timestamps_ns, PANEL.symbols, read, watch=Counts)
    assert stream.warnings == ()
    chunks = stream.chunks()
    next(chunks)
    assert [item.timestamp_ns for item in stream.warnings] == [0]
    assert [len(list(stream.chunks())), len(list(stream.chunks()))] == [2, 2]
    assert [item.timestamp_ns for item in stream.warnings] == [0, 3]


@pytest.mark.parametrize(
    ("panels", "problem"),
    [
        ([PANEL.between(0, 3)], "stream: the bars end after 3 of 6. Open the stream again."),
        (
            [PANEL.between(1, 3)],
            "bar 0: a chunk has other times or symbols than the stream was opened with. Open the stream again.",
        ),
        (
            [PANEL.between(0, 3), PANEL.between(3, 6).select("A")],
            "bar 3: a chunk has other times or symbols than the stream was opened with. Open the stream again.",
        ),
    ],
)
def test_chunks_that_are_not_the_stream_are_refused(panels: list[Panel], problem: str) -> None:
    """A file that has become another one is noticed."""
    stream = PanelStream(PANEL.timestamps_ns, PANEL.symbols, lambda: iter(panels))
    with pytest.raises(DataError) as caught:
        list(stream.chunks())
    assert str(caught.value) == problem


def test_a_stream_without_bars_is_refused() -> None:
    """As a panel is."""
    with pytest.raises(DataError) as caught:
        PanelStream(np.zeros(0, np.int64), ("A",), lambda: iter([]))
    assert str(caught.value) == "stream: there are 0 bars of 1 symbols; expected at least one of each."


@pytest.mark.parametrize("size", [0, True, 1.5, "7"])
def test_a_chunk_has_a_number_of_bars(size: object) -> None:
    """Anything else is refused."""
    with pytest.raises(ConfigError) as caught:
        PanelStream.of_panel(PANEL, size)  # type: ignore[arg-type]
    assert str(caught.value) == (
        f"chunk_bars: {size!r} is no number of bars; an integer from 1 up is expected. "
        "Leave it out, or write for instance 1000."
    )
