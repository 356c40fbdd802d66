"""Log formats: the only code that knows a vendor's field names. A new one is a file and a line."""

from __future__ import annotations

from typing import Final

from tokwatch.sources.agents.amp import Amp
from tokwatch.sources.agents.claude_code import ClaudeCode
from tokwatch.sources.agents.cline import Cline, KiloCode, RooCode
from tokwatch.sources.agents.cline_cli import ClineCli
from tokwatch.sources.agents.codex import Codex
from tokwatch.sources.agents.copilot import CopilotCli
from tokwatch.sources.agents.crush import Crush
from tokwatch.sources.agents.droid import Droid
from tokwatch.sources.agents.gemini_cli import GeminiCli
from tokwatch.sources.agents.goose import Goose
from tokwatch.sources.agents.grok import Grok
from tokwatch.sources.agents.hermes import Hermes
from tokwatch.sources.agents.kimi import Kimi
from tokwatch.sources.agents.kimi_code import KimiCode
from tokwatch.sources.agents.openclaw import OpenClaw
from tokwatch.sources.agents.opencode import ICodeMate, KiloCli, MimoCode, OpenCode
from tokwatch.sources.agents.pi import OhMyPi, Pi, PrimeAgent
from tokwatch.sources.agents.qwen_code import QwenCode
from tokwatch.sources.agents.vibe import Vibe
from tokwatch.sources.agents.zcode import ZCode
from tokwatch.sources.agents.zed import Zed
from tokwatch.sources.gateways.ccflare import Ccflare
from tokwatch.sources.gateways.headroom import Headroom
from tokwatch.sources.gateways.litellm import LiteLLM
from tokwatch.sources.gateways.toklog import Toklog
from tokwatch.sources.source import Source, is_configured

SOURCES: Final[tuple[Source, ...]] = (
    ClaudeCode(),
    Codex(),
    GeminiCli(),
    QwenCode(),
    OpenCode(),
    CopilotCli(),
    KiloCli(),
    MimoCode(),
    ICodeMate(),
    Kimi(),
    KimiCode(),
    Droid(),
    Grok(),
    Vibe(),
    Pi(),
    OhMyPi(),
    PrimeAgent(),
    OpenClaw(),
    Amp(),
    Cline(),
    RooCode(),
    KiloCode(),
    ClineCli(),
    Goose(),
    Crush(),
    Zed(),
    Hermes(),
    ZCode(),
    LiteLLM(),
    Headroom(),
    Toklog(),
    Ccflare(),
)
"""Every source, in the order in which the screen lists them."""


def source_named(name: str) -> Source | None:
    """Return the source of this name."""
    return next((source for source in SOURCES if source.name == name), None)


def asks_large(source: str, path: str, model: str) -> bool:
    """Tell whether the settings of the tool that wrote a log ask for its model's large window."""
    found = source_named(source)
    return found is not None and is_configured(found) and found.asks_large(path, model)
