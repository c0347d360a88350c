"""The options of the strategies, with their bounds."""

from __future__ import annotations

from pydantic import Field

from orchestrator_frames.frames import FrameKind
from orchestrator_frames.named import Argument
from strategy_orchestrator.models.validation import Parameters

_NAME = r"[A-Za-z_]\w*"


class NamedFunctionParameters(Parameters):
    """Options of a strategy whose function is named."""

    function: str = Field(
        pattern=rf"^{_NAME}(\.{_NAME})*:{_NAME}$",
        max_length=200,
        description="module:function; the module must be listed in ORCHESTRATE_FRAMES_MODULES.",
    )
    frame: FrameKind | None = Field(
        default=None, description="Kind of frame that it takes; that of its decorator, or pandas, unless given."
    )
    arguments: dict[str, Argument] = Field(
        default_factory=dict, max_length=50, description="What it takes besides the frame, by name."
    )
