"""The kinds of endpoints; a kind's module is loaded when one of it is configured."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from tokwatch.gateways.ask import Adapter

MODULES: Final = {
    "litellm": "litellm",
    "prometheus": "prometheus",
    "llamacpp": "llamacpp",
    "ollama": "ollama",
    "openai": "openai",
    "anthropic": "anthropic",
    "anthropic-admin": "anthropic_admin",
    "openrouter": "openrouter",
    "vercel": "vercel",
    "langfuse": "langfuse",
    "helicone": "helicone",
    "cloudflare": "cloudflare",
    "portkey": "portkey",
    "stream": "stream",
}


def adapter_of(kind: str) -> Adapter:
    """Return the adapter of a kind."""
    adapter: Adapter = import_module(f"tokwatch.gateways.{MODULES[kind]}").ADAPTER
    return adapter
