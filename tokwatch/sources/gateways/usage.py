"""Usage objects as providers send them, whose shape tells what their counts include."""

from __future__ import annotations

from typing import Any, NamedTuple

from tokwatch.sources.beside import part
from tokwatch.sources.counts import count


class Tokens(NamedTuple):
    """Disjoint token classes of one request; None is unknown, `reasoning` is inside `output`."""

    input: int | None
    cache_read: int | None
    cache_write_5m: int | None
    cache_write_1h: int | None
    output: int | None
    reasoning: int | None = None
    web_searches: int = 0


def tokens_of(usage: dict[str, Any]) -> Tokens | None:
    """Return the tokens of a usage object; None where its shape is none that is known."""
    if "promptTokenCount" in usage or "candidatesTokenCount" in usage:
        return _gemini(usage)
    if "prompt_tokens" in usage or "completion_tokens" in usage:
        return _openai(usage, "prompt_tokens", "completion_tokens")
    if "input_tokens" not in usage and "output_tokens" not in usage:
        return None
    # Both OpenAI's Responses and Anthropic have these names; only the former has a total.
    if "input_tokens_details" in usage or known(usage, "total_tokens") is not None:
        return _openai(usage, "input_tokens", "output_tokens")
    return anthropic_tokens(usage)


def anthropic_tokens(usage: dict[str, Any]) -> Tokens:
    """Return the tokens of Anthropic's usage object, whose input excludes the cache."""
    written = count(usage.get("cache_creation_input_tokens"))
    short, long = _split(part(usage, "cache_creation"), written)
    output = known(usage, "output_tokens")
    return Tokens(
        known(usage, "input_tokens"),
        known(usage, "cache_read_input_tokens"),
        short,
        long,
        output,
        _inside(part(usage, "output_tokens_details"), "thinking_tokens", output),
        count(part(usage, "server_tool_use").get("web_search_requests")),
    )


def _openai(usage: dict[str, Any], prompt_name: str, output_name: str) -> Tokens:
    """Return the tokens of OpenAI's usage objects, and of gateways that translate into them.

    The prompt includes what was read from and written to the cache. Where it is smaller than
    these, whoever translated it left them out.
    """
    details = part(usage, prompt_name + "_details")
    read = known(usage, "cache_read_input_tokens")
    read = known(details, "cached_tokens") if read is None else read
    written = max(
        count(usage.get("cache_creation_input_tokens")),
        count(details.get("cache_write_tokens")),
        count(details.get("cache_creation_tokens")),
    )
    prompt, output = known(usage, prompt_name), known(usage, output_name)
    if prompt is not None and prompt >= (read or 0) + written:
        prompt -= (read or 0) + written
    short, long = _split(part(details, "cache_creation_token_details"), written)
    reasoning = part(usage, output_name + "_details")
    return Tokens(
        *(prompt, read, short, long, output, _inside(reasoning, "reasoning_tokens", output)),
        count(part(usage, "server_tool_use").get("web_search_requests")),
    )


def _gemini(usage: dict[str, Any]) -> Tokens:
    """Return the tokens of Gemini's usage object, whose output excludes thoughts."""
    prompt = count(usage.get("promptTokenCount"))
    cached = min(count(usage.get("cachedContentTokenCount")), prompt)
    thoughts = count(usage.get("thoughtsTokenCount"))
    used = count(usage.get("toolUsePromptTokenCount"))
    output = count(usage.get("candidatesTokenCount")) + thoughts
    return Tokens(prompt - cached + used, cached, 0, 0, output, thoughts)


def known(holder: dict[str, Any], name: str) -> int | None:
    """Return a count, or None where there is none."""
    value = holder.get(name)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return count(value) if is_number else None


def _split(lives: dict[str, Any], written: int) -> tuple[int, int]:
    """Return cache writes of 5 minutes and of 1 hour; what the split does not cover is short."""
    short = count(lives.get("ephemeral_5m_input_tokens"))
    long = count(lives.get("ephemeral_1h_input_tokens"))
    return max(short, written - long), long


def _inside(details: dict[str, Any], name: str, output: int | None) -> int | None:
    reasoning = known(details, name)
    return reasoning if reasoning is None or output is None else min(reasoning, output)
