"""What a response cache of one's own would have answered, by what counts as the same request."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from tokwatch.model.repeats import KeyKind, Outcome
from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.response_cache import ResponsePage, Simulation
from tokwatch.ui import cache_words as words
from tokwatch.ui import format as fmt
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.table import Table, TableColumn, text_cell
from tokwatch.words import counted

WHAT: Final = {
    KeyKind.WHOLE: "all of the context, and the model",
    KeyKind.RECENT: "system prompt and last three messages",
    KeyKind.NEWEST: "newest message and model",
}


SHORT: Final = {
    KeyKind.WHOLE: "whole request",
    KeyKind.RECENT: "last 3 messages",
    KeyKind.NEWEST: "prompt + model",
}
"""Names where there is little room."""


def _key(one: Simulation, width: int, inks: Inks) -> Line:
    name = one.kind.value if width >= len(one.kind.value) else SHORT[one.kind]
    name = fmt.fit(name, min(width, 29))
    return [(name, inks.text), (fmt.fit(f" {WHAT[one.kind]}", width - len(name)), inks.muted)]


def _rate(which: str, one: Simulation, width: int, inks: Inks) -> Line:
    outcome: Outcome = getattr(one, which)
    return text_cell(words.rate(outcome.rate), width, inks.text, right=True)


def _hits(one: Simulation, width: int, inks: Inks) -> Line:
    return text_cell(f"{one.large.hits:,}", width, inks.text, right=True)


def _saved(one: Simulation, width: int, inks: Inks) -> Line:
    text = f"≈{fmt.narrow_money(one.large.saved_nano, width - 1)}"
    return text_cell(text, width, inks.good if one.large.saved_nano else inks.muted, right=True)


def _same(one: Simulation, width: int, inks: Inks) -> Line:
    share = one.large.same / one.large.hits if one.large.hits else None
    text = fmt.NOTHING if share is None else words.rate(share)
    return text_cell(text, width, inks.text if share else inks.muted, right=True)


class ResponseRepeats(Table[ResponsePage, Simulation]):
    """One line a sort of key."""

    TITLE = "simulated on the repeats seen"
    KIND = ResponsePage
    SORTS = False
    HELP = """
    # A response cache, simulated
    What a cache of answers would have done with the requests of the range: the least recently
    used go first, old ones expire, failures are never stored. The line under the cursor is the
    one in the chart.

    * **whole request**: everything in the context and the model must be the same
    * **prompt + last 3 messages**: the system prompt and the last three messages
    * **prompt + model + temperature**: the newest message, the model, and the temperature where a
      log tells it; few do, and the line beneath says so

    `near` is the rate if near-duplicates were answered too: requests that differ in a few words of
    what the user said last, and share the rest of the key.

    The looser the key, the more answers would have been another request's: `same` is the share
    of the hits for which the provider did give the same answer, word for word.
    """

    def columns(self) -> Sequence[TableColumn[Simulation]]:
        """Return the columns, from left to right."""
        small, large = "small", "large"
        if self.content is not None:
            limits = self.content.limits
            small, large = (f"{items:,}" for items in (limits.small_items, limits.large_items))
        return (
            TableColumn("key", 15, _key, most=68),
            TableColumn(small, 6, partial(_rate, "small"), rank=1, right=True),
            TableColumn(large, 6, partial(_rate, "large"), right=True),
            TableColumn("near", 6, partial(_rate, "near"), rank=2, right=True),
            TableColumn("no end", 6, partial(_rate, "lasting"), rank=4, right=True),
            TableColumn("hits", 6, _hits, rank=2, right=True),
            TableColumn("saved", 8, _saved, right=True),
            TableColumn("same", 6, _same, rank=3, right=True),
        )

    def rows_of(self, content: ResponsePage) -> Sequence[Simulation]:
        """Return the simulations."""
        return content.simulations

    def key_of(self, row: Simulation) -> str:
        """Return the sort of key."""
        return row.kind.value

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return on how many requests it is made."""
        line: Line = [(self.TITLE, inks.text)]
        if self.content is not None:
            known, all_ = self.content.known, self.content.requests
            line.append((f" · {known:,} of {counted(all_, 'request')} known", inks.muted))
            if not self.content.is_whole:
                line.append((" · reading …", inks.warning))
        return line

    def foot(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Say of how many requests the temperature is known."""
        if self.content is None or not self.content.known:
            return []
        told, known = self.content.tempered, self.content.known
        text = "no log here tells a temperature: the third key goes without it"
        if told:
            every = counted(known, "request")
            text = f"temperature told of {told:,} of {every}; of the others it is none"
        return [(text, inks.muted)]

    def why_empty(self, content: ResponsePage) -> str:
        """Say why nothing is listed."""
        if not content.is_whole:
            return "reading what the requests were made of …"
        return "of no request in this range is it known what it was made of"

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what is simulated, and what cannot be known."""
        limits = self.content.limits if self.content else None
        told = ""
        if limits is not None:
            told = (
                f"{limits.small_items:,} and {counted(limits.large_items, 'answer')}, at most "
                f"{limits.max_mb:,} MB, which expire after {fmt.duration(limits.ttl_seconds)}: "
                "[response_cache] of the settings."
            )
        return (
            "Requests are told apart by hashes of the blocks that their logs show; what a log "
            "does not show, such as a system prompt, counts as the same.",
            f"{told} No end: the large one, if its answers never expired. Hits, saved (what the "
            "hits cost at the provider) and same are the large one's. The newest 20,000 requests.",
            "Near: the large one, if a request that differs in a few words of the user's newest "
            "message found the other's answer: by sketches of 63 bits, of which at most six differ,"
            " and lengths within five percent. Texts are not stored, and of a sketch no word can "
            "be told; messages below a dozen words have none.",
        )
