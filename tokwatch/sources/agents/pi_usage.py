"""The usage that pi and its relatives write with a message, in tokwatch's token classes."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from tokwatch.sources.beside import fields
from tokwatch.sources.counts import count, nano

_CLASSES: Final = ("input", "output", "cacheRead", "cacheWrite")
_FAMILIES: Final = {
    "openai": "openai",
    "openai-codex": "openai",
    "anthropic": "anthropic",
    "google": "google",
    "google-vertex": "google",
}
_ONE_FOR_ALL: Final = {
    "priority": ("openai", "anthropic", "google"),
    "openai-only": ("openai",),
    "claude-only": ("anthropic",),
    "flex": ("openai",),
}
"""Families that a tier is asked for where a log names one tier: how older versions did it."""


class Counts(NamedTuple):
    """Token classes of one request; None is unknown."""

    input: int | None
    cache_read: int | None
    cache_write_5m: int | None
    cache_write_1h: int | None
    output: int | None
    reasoning: int | None
    web_searches: int
    cost_nano: int | None

    @property
    def is_nothing(self) -> bool:
        """True where neither tokens nor a cost are told."""
        return not any(self)


def counts_of(usage: dict[str, Any]) -> Counts | None:
    """Return the counts of a usage record, or None where it has none of the known classes."""
    if not any(name in usage for name in _CLASSES):
        return None
    extra = fields(usage.get("orchestration"))
    written = _tokens(usage, extra, "cacheWrite")
    longer = usage.get("cacheWrite1h", fields(usage.get("cttl")).get("ephemeral1h"))
    written_1h = min(count(longer), written or 0)
    output = _tokens(usage, extra, "output")
    reasoning = usage.get("reasoning", usage.get("reasoningTokens"))
    return Counts(
        input=_tokens(usage, extra, "input"),
        cache_read=_tokens(usage, extra, "cacheRead"),
        cache_write_5m=None if written is None else written - written_1h,
        cache_write_1h=None if written is None else written_1h,
        output=output,
        reasoning=None if reasoning is None else min(count(reasoning), output or 0),
        web_searches=count(fields(usage.get("server")).get("webSearch")),
        # 0 stands for a model without a price, too: then it is computed.
        cost_nano=nano(fields(usage.get("cost")).get("total")) or None,
    )


def tiers_of(value: object) -> dict[str, str]:
    """Return the tier that is asked for by family of models."""
    if isinstance(value, str):
        tier = "flex" if value == "flex" else "priority"
        return dict.fromkeys(_ONE_FOR_ALL.get(value, ()), tier)
    return {str(family): tier for family, tier in fields(value).items() if isinstance(tier, str)}


def tier_of(provider: str, tiers: dict[str, str]) -> str:
    """Return the tier of a request in the words of the price list."""
    family = _FAMILIES.get(provider, "")
    tier = tiers.get(family, "")
    if tier == "priority":
        return "fast" if family == "anthropic" else "priority"
    return tier if tier == "flex" and provider != "google-vertex" else "standard"


def _tokens(usage: dict[str, Any], extra: dict[str, Any], name: str) -> int | None:
    """Return a class with what the provider spent on orchestration, which is billed as well."""
    if name not in usage and name not in extra:
        return None
    return count(usage.get(name)) + count(extra.get(name))
