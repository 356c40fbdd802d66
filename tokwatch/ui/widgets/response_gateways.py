"""The response caches that gateways' logs tell of."""

from __future__ import annotations

from collections.abc import Sequence

from tokwatch.model.caching import GatewaySum
from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.response_cache import ResponsePage
from tokwatch.ui import cache_words as words
from tokwatch.ui import format as fmt
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.table import Table, TableColumn, text_cell


def _name(one: GatewaySum, width: int, inks: Inks) -> Line:
    return text_cell(one.source, width, inks.text)


def _requests(one: GatewaySum, width: int, inks: Inks) -> Line:
    return text_cell(f"{one.requests:,}", width, inks.text, right=True)


def _hits(one: GatewaySum, width: int, inks: Inks) -> Line:
    text = f"{one.hits:,}" if one.hits else fmt.NOTHING
    return text_cell(text, width, inks.text if one.hits else inks.muted, right=True)


def _rate(one: GatewaySum, width: int, inks: Inks) -> Line:
    share = one.hits / one.requests if one.requests else None
    text = words.rate(share) if one.hits else fmt.NOTHING
    return text_cell(text, width, inks.strong if one.hits else inks.muted, right=True)


def _saved(one: GatewaySum, width: int, inks: Inks) -> Line:
    if not one.hits:
        return text_cell(fmt.NOTHING, width, inks.muted, right=True)
    text = words.amount(one.saved_nano, one.untold, width)
    text = "not told" if text == fmt.UNPRICED else text
    return text_cell(text, width, inks.good if one.saved_nano else inks.muted, right=True)


def _shortened(one: GatewaySum, width: int, inks: Inks) -> Line:
    text = fmt.count(one.tokens_saved) if one.tokens_saved else fmt.NOTHING
    return text_cell(text, width, inks.text if one.tokens_saved else inks.muted, right=True)


class ResponseGateways(Table[ResponsePage, GatewaySum]):
    """One line a gateway."""

    TITLE = "gateways' own response caches"
    KIND = ResponsePage
    HELP = """
    # Response caches of gateways
    What LiteLLM, headroom and others log of a cache of their own, which answers without asking
    the provider at all. It has nothing to do with the provider's prompt cache.
    """

    def columns(self) -> Sequence[TableColumn[GatewaySum]]:
        """Return the columns, from left to right."""
        return (
            TableColumn("gateway", 10, _name, most=24),
            TableColumn("requests", 9, _requests, rank=2, right=True,
                        order=lambda one: one.requests),
            TableColumn("answered", 9, _hits, rank=1, right=True, order=lambda one: one.hits),
            TableColumn("hit rate", 8, _rate, right=True),
            TableColumn("saved", 9, _saved, right=True, order=lambda one: one.saved_nano),
            TableColumn("tokens cut", 10, _shortened, rank=3, right=True,
                        order=lambda one: one.tokens_saved),
        )  # fmt: skip

    def rows_of(self, content: ResponsePage) -> Sequence[GatewaySum]:
        """Return the gateways."""
        return content.gateways

    def key_of(self, row: GatewaySum) -> str:
        """Return the gateway's name."""
        return row.source

    def why_empty(self, content: ResponsePage) -> str:
        """Say why nothing is listed."""
        if not content.is_whole:
            return "none so far; the rest of the range is being read"
        return "no log here tells of one; LiteLLM, headroom and mapped logs can"

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say where the figures come from."""
        return (
            "As the gateways' logs tell it: requests that their own cache answered, as a share of "
            "all requests of the range that their logs tell of, and what they say those would "
            "have cost (+? where they do not say it of all).",
            "Tokens cut are those that a gateway took out of prompts before it sent them on.",
        )
