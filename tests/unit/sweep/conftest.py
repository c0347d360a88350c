"""A folder for plug-ins, as the tests of hooks have it."""

from __future__ import annotations

from tests.unit.hooks.conftest import _site

__all__ = ["_site"]
