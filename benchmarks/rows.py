"""What is told of a measurement: one line of the table."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison.

    Attributes
    ----------
    work, size, what : str
        The work, how large, and what of it was measured.
    unit : str
        Of the two numbers.
    ours, theirs : float
        Medians; what they are compared with may be missing.
    peer : str
        Who that is.
    ratio : float or None
        How many times better ours is than the other; None without one.
    goal : str
        What is to be reached.
    holds : bool or None
        Whether it is; None without a goal.
    note : str
        What a reader must know of it.
    """

    work: str
    size: str
    what: str
    unit: str
    ours: float
    peer: str = ""
    theirs: float | None = None
    ratio: float | None = None
    goal: str = ""
    holds: bool | None = None
    note: str = ""

    def as_dict(self) -> dict[str, object]:
        """Return what JSON can hold."""
        return asdict(self)


def beside(
    of: tuple[str, object], what: str, unit: str, numbers: tuple[float, str, float], *, least: float = 0, note: str = ""
) -> Row:
    """Return a row that tells how many times less ours takes than a peer.

    Parameters
    ----------
    of : tuple
        Name and size of the work.
    numbers : tuple
        Ours, the name of the peer, theirs.
    least : float
        The ratio to reach; 0 for none.
    """
    (work, size), (ours, peer, theirs) = of, numbers
    ratio = theirs / ours
    goal = f"≥ {least:g} ×" if least else ""
    return Row(work, str(size), what, unit, ours, peer, theirs, ratio, goal, ratio >= least if least else None, note)


def at_most(of: tuple[str, object], what: str, unit: str, ours: float, most: float, *, note: str = "") -> Row:
    """Return a row that tells whether a number stays below a bound."""
    work, size = of
    return Row(work, str(size), what, unit, ours, goal=f"≤ {most:g} {unit}".strip(), holds=ours <= most, note=note)
