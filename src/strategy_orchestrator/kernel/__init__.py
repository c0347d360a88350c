"""The compiled kernel: it alone moves money, in whole quanta.

`advance` is the loop, `layout` its arrays, `status` what it answers. Of the modules behind it, `checked` has the
arithmetic, `books` the two kinds of fill, and `sizing`, `filling`, `protecting`, `closing`, `deciding` and
`rebalancing` have the steps of a bar. Nothing here knows plug-ins, files or decimals.
"""

from __future__ import annotations

from strategy_orchestrator.kernel.advance import advance
from strategy_orchestrator.kernel.compiling import is_kept

__all__ = ["advance", "is_compiled"]


def is_compiled() -> bool:
    """Tell whether the loop can run at once; else its first call compiles it, which takes some seconds."""
    return is_kept(advance)
