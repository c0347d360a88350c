"""The frame that a function gets: the bars of one symbol, gaps left out."""

from __future__ import annotations

from typing import Any, Final, Literal, TypeAlias

from strategy_orchestrator import MissingExtraError, Panel
from strategy_orchestrator.arrays import FloatArray, IntArray
from strategy_orchestrator.errors import Fault

FrameKind: TypeAlias = Literal["pandas", "polars"]

TIME: Final = "timestamp"
FIELDS: Final = ("open", "high", "low", "close", "volume")


def frame_of(panel: Panel, column: int, rows: IntArray, kind: FrameKind) -> Any:
    """Make a frame of a symbol's bars, in memory of its own.

    Parameters
    ----------
    column : int
        Which symbol.
    rows : ndarray
        int64, shape (K,): where its bars are on the panel's time axis.

    Returns
    -------
    DataFrame
        K rows; float columns open, high, low, close and volume. Closing times, UTC, are the index in pandas and the
        column `timestamp` in polars.

    Raises
    ------
    MissingExtraError
        If pandas is asked for and not installed.
    """
    times = panel.timestamps_ns[rows]
    columns = {name: getattr(panel, name)[rows, column] for name in FIELDS}
    return _pandas_frame(times, columns) if kind == "pandas" else _polars_frame(times, columns)


def _pandas_frame(times: IntArray, columns: dict[str, FloatArray]) -> Any:
    try:
        import pandas as pd  # noqa: PLC0415  # an extra
    except ModuleNotFoundError:
        problem = "frame = 'pandas' needs pandas, which is not installed"
        remedy = "Run: pip install 'orchestrator-frames[pandas]', or use frame = 'polars'"
        raise MissingExtraError(Fault("orchestrator-frames", problem, remedy)) from None
    index = pd.DatetimeIndex(times.astype("datetime64[ns]"), tz="UTC", name=TIME)
    return pd.DataFrame(columns, index=index)


def _polars_frame(times: IntArray, columns: dict[str, FloatArray]) -> Any:
    import polars as pl  # noqa: PLC0415  # heavy, and not needed by those who use pandas

    stamps = pl.Series(TIME, times).cast(pl.Datetime("ns", "UTC"))
    # A volume that is not known is NaN in numpy and null in polars.
    return pl.DataFrame([stamps, *(pl.Series(name, values, nan_to_null=True) for name, values in columns.items())])
