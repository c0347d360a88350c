"""nautilus_trader: one strategy object a strategy and symbol."""

import sys
from pathlib import Path

from benchmarks.sides import nautilus
from benchmarks.worlds import Size, read

n_bars, n_symbols = read(Path(sys.argv[1]), "close")[0].shape
job = nautilus.PerBar(Path(sys.argv[1]), Size(3, n_symbols, n_bars))
job.run()
print(job.outcome()["trades"])
