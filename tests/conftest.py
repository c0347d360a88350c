"""How hard the properties are tried: HYPOTHESIS_PROFILE is dev, small, ci or long."""

from __future__ import annotations

import os

from hypothesis import settings

# Deadlines are off: the first example pays for compilation.
settings.register_profile("dev", deadline=None, max_examples=50)
settings.register_profile("small", deadline=None, max_examples=25, derandomize=True)
settings.register_profile("ci", deadline=None, max_examples=100, derandomize=True)
settings.register_profile("long", deadline=None, max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))
