"""Many independent calls by joblib; the one place that loads it."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, Generic, TypeVar

from orchestrator_execution.parameters import JoblibParameters
from strategy_orchestrator import ConfigError
from strategy_orchestrator.errors import Fault
from strategy_orchestrator.models.contracts import Executor
from strategy_orchestrator.models.validation import checked

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")

_ALL_PROCESSORS = -1


class JoblibExecutor(Executor):
    """Spread calls over processes, threads, or machines whose backend is registered with joblib.

    Parameters
    ----------
    workers : int, optional
        Calls at once; as many as there are processors unless given.
    backend : str
        "loky" for processes, "threading" for threads, or what was given to `joblib.register_parallel_backend`, such as
        "dask" or "ray".

    Raises
    ------
    ConfigError
        If an option is out of bounds, or joblib knows no such backend or none that yields results in their order.
    """

    def __init__(self, workers: int | None = None, backend: str = "loky") -> None:
        options = checked(JoblibParameters, type(self).__name__, {"workers": workers, "backend": backend})
        self.workers = options.workers
        self.backend = options.backend
        self._parallel()

    def map(self, function: Callable[[Item], Outcome], items: Iterable[Item]) -> Iterator[Outcome]:
        """Yield what the function returns for each item, in the order of the items.

        Items are taken as workers become free. What a call raises is raised when its turn comes, with its traceback as
        a note; calls that have not begun by then are not made.
        """
        call = _Call(function)
        kept: Iterator[_Kept[Outcome]] = self._parallel()((call, (item,), {}) for item in items)
        for one in kept:
            yield one.outcome()

    def _parallel(self) -> Any:
        import joblib  # noqa: PLC0415  # takes a while, and few runs need it

        workers = _ALL_PROCESSORS if self.workers is None else self.workers
        try:
            return joblib.Parallel(n_jobs=workers, backend=self.backend, return_as="generator")
        except (ImportError, ValueError) as error:
            remedy = "Use 'loky' or 'threading', or register the backend with joblib first"
            fault = Fault(f"{type(self).__name__}.backend", f"{self.backend!r}: {error}", remedy, self.backend)
            raise ConfigError(fault) from error


class _Kept(Generic[Outcome]):
    # What one call returned or raised: joblib would raise the first error that happens, whosever turn it is, and drop
    # what was done before.

    def __init__(self) -> None:
        self.returned: list[Outcome] = []
        self.raised: Exception | None = None
        self.trace = ""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: TracebackType | None) -> bool:
        if not isinstance(error, Exception):
            return False
        # The traceback does not survive the way between processes.
        self.raised, self.trace = error, "".join(traceback.format_exception(error))
        return True

    def outcome(self) -> Outcome:
        if self.raised is not None:
            self.raised.add_note(self.trace)
            raise self.raised
        return self.returned[0]


class _Call(Generic[Item, Outcome]):
    # A callable that can be pickled, which a closure cannot everywhere.

    def __init__(self, function: Callable[[Item], Outcome]) -> None:
        self.function = function

    def __call__(self, item: Item) -> _Kept[Outcome]:
        kept: _Kept[Outcome] = _Kept()
        with kept:
            kept.returned.append(self.function(item))
        return kept
