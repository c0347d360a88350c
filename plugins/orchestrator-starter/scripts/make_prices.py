"""Make `stocks.parquet` of the prices in the package bokeh_sampledata, with the same bytes each time.

Usage: python make_prices.py [PRICES.csv.gz [STOCKS.parquet]]

Without the first argument the installed bokeh_sampledata is read, 2026.1 or a later one with the same prices. The
bytes may change with the version of polars that writes them; the values do not.
"""

from __future__ import annotations

import gzip
import hashlib
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import polars as pl

OUTPUT: Final = Path(__file__).parents[1] / "src" / "orchestrator_starter" / "data" / "stocks.parquet"
SOURCE_SHA256: Final = "e73fe05d106b7da1abe8f947264c514afd02cef5c9db4864b9437c84d6bd6069"
"""Of the unpacked CSV, as bokeh_sampledata itself records it."""
COLUMNS: Final = {
    "Ticker": "symbol",
    "Date": "date",
    "Open": "open",
    "High": "high",
    "Low": "low",
    "Close": "close",
    "Volume": "volume",
    "Adj Close": "adj_close",
}


def installed_csv() -> Path:
    """Return where the installed bokeh_sampledata keeps its prices."""
    spec = find_spec("bokeh_sampledata")
    if spec is None or spec.origin is None:
        raise SystemExit("bokeh_sampledata is not installed. Run: pip install bokeh_sampledata")
    return Path(spec.origin).parent / "_data" / "stocks.csv.gz"


def make_prices(source: Path, target: Path) -> str:
    """Write the prices as Parquet, one row a symbol and day, sorted; return the SHA-256 of the file."""
    text = gzip.decompress(source.read_bytes())
    found = hashlib.sha256(text).hexdigest()
    if found != SOURCE_SHA256:
        raise SystemExit(
            f"{source}: the unpacked text has the SHA-256 {found}; expected {SOURCE_SHA256}. "
            "Use the file of bokeh_sampledata 2026.1."
        )
    types = {"Date": pl.Date, "Volume": pl.Int64, "Ticker": pl.String}
    frame = pl.read_csv(text, columns=list(COLUMNS), schema_overrides=types)
    prices = frame.select(pl.col(old).alias(new) for old, new in COLUMNS.items()).sort("symbol", "date")
    prices.write_parquet(target, compression="zstd", compression_level=22, statistics=False, row_group_size=2**20)
    return hashlib.sha256(target.read_bytes()).hexdigest()


def main(arguments: list[str]) -> None:
    """Read the command line and report the hash, which `SOURCE.md` states."""
    source = Path(arguments[0]) if arguments else installed_csv()
    target = Path(arguments[1]) if len(arguments) > 1 else OUTPUT
    sys.stdout.write(f"{make_prices(source, target)}  {target.name}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
