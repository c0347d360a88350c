"""Further measures of a run, its monthly returns as a section of the report, and a journal of runs."""

from __future__ import annotations

from orchestrator_measures.journal import RunJournal
from orchestrator_measures.sections import MonthlyReturns

__all__ = ["MonthlyReturns", "RunJournal"]
