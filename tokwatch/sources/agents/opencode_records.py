"""OpenCode's messages: one answer each, as its databases and its older files hold them.

A fork gives copies of messages new names and leaves their times: what a copy tells is known by
its content, and counts only where nothing tells of the original.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from tokwatch.model.event import Grade, ModelName, Scope, Sighting, event_key
from tokwatch.model.reading import AgentNote, Tally
from tokwatch.sources.beside import part
from tokwatch.sources.counts import count, nano, unix_ms
from tokwatch.sources.descent import place_of
from tokwatch.sources.records import field_names
from tokwatch.sources.sighting import Tokens, sighting_of
from tokwatch.sources.text import name_in

_CLASSES: Final = frozenset(("input", "output", "reasoning", "cache"))


class Session(NamedTuple):
    """What is told of a session beside its messages."""

    created_ms: int = 0
    """Messages from before are copies; 0 where it is not known."""
    project: str = ""


class Counts(NamedTuple):
    """What a message says it used; the provider's total is 0 where it is not logged."""

    input: int
    output: int
    reasoning: int
    cache_read: int
    cache_write: int
    total: int

    def reasons_apart(self, *, is_second: bool) -> bool:
        """Tell whether reasoning stands outside of output.

        The total shows it. Version 2 logs none, and keeps it outside.
        """
        if self.reasoning > self.output or self.total == sum(self[:5]):
            return True
        return is_second and self.total != sum(self[:5]) - self.reasoning


class Message(NamedTuple):
    """An answer with usage."""

    identity: str
    session: str
    created_ms: int
    is_finished: bool
    model: ModelName
    counts: Counts
    is_second: bool
    """True for a message of version 2."""
    cost_nano: int | None
    agent: str
    """The tool's name for the sort of agent."""
    project: str
    offset: int

    def key(self, source: str) -> int:
        """Return the key of the request, by the message's own name."""
        return event_key(source, self.identity)

    def copy_key(self, source: str) -> int:
        """Return the key of this message's copies, whatever their names."""
        told = (self.created_ms, *self.model[:2], *self.counts[:5])
        return event_key(source, "copy", *map(str, told))

    def tokens(self) -> Tokens:
        """Return the token classes."""
        fresh, output, reasoning, cached, written, _ = self.counts
        apart = self.counts.reasons_apart(is_second=self.is_second)
        return Tokens(fresh, output + reasoning if apart else output, cached, written, reasoning)

    def cost(self) -> int | None:
        """Return the logged cost, unless it bills reasoning twice or stands for no known price."""
        is_right = not self.counts.reasoning or self.counts.reasons_apart(is_second=self.is_second)
        return self.cost_nano or None if is_right else None


class Messages:
    """Takes the messages of one read."""

    def __init__(self, source: str) -> None:
        """Start with none."""
        self.sightings: dict[int, Sighting] = {}
        self.notes: set[AgentNote] = set()
        self.seen = -1
        """What stands up to here was read before: its faults are counted."""
        self.source = source
        self._lines = self._bad = self._undated = self._unknown = self._repeated = 0
        self._sample = ""

    def tally(self) -> Tally:
        """Return the counts of this read."""
        return Tally(
            lines=self._lines,
            bad_lines=self._bad,
            undated=self._undated,
            unknown=self._unknown,
            repeated=self._repeated,
            sample=self._sample,
        )

    def find(
        self,
        record: dict[str, Any] | None,
        names: tuple[object, object],
        offset: int,
        created: object = None,
        *,
        is_second: bool = False,
    ) -> Message | None:
        """Return the answer that a record tells of; `names` are its own and its session's.

        A record that could not be read is None.
        """
        is_new = offset > self.seen
        self._lines += is_new
        self._bad += is_new and record is None
        counts = self._counts(record, is_new=is_new) if record else None
        if not record or counts is None or not any(counts[:5]):
            return None
        time = part(record, "time")
        created_ms = unix_ms(time.get("created")) or unix_ms(created)
        if created_ms is None:
            self._undated += is_new
            return None
        identity, session = (name_in(name) for name in names)
        return Message(
            identity=identity or f"{session}:{offset}",
            session=session,
            created_ms=created_ms,
            is_finished=unix_ms(time.get("completed")) is not None,
            model=_model(record),
            counts=counts,
            is_second=is_second,
            cost_nano=nano(record.get("cost")),
            agent=name_in(record.get("agent")) or name_in(record.get("mode")),
            project=_folder(part(record, "path")),
            offset=offset,
        )

    def find_unknown(self, record: dict[str, Any]) -> None:
        """Count a record that claims usage in a shape that nobody knows."""
        self._unknown += 1
        self._sample = field_names(record)

    def take(self, message: Message, session: Session, parents: Mapping[str, str]) -> None:
        """Take an answer in the session that it was made in."""
        self._add(message.key(self.source), message, session, parents)

    def take_copy(
        self, message: Message, session: Session, parents: Mapping[str, str], *, is_told: bool
    ) -> None:
        """Take a copy of an answer, which counts nothing where the original is told."""
        self._repeated += message.offset > self.seen
        key = message.copy_key(self.source)
        self._add(key, message, session, parents)
        if is_told:
            self.claim(key, key)
        else:
            self.sightings[key] = self.sightings[key]._replace(copied=1)

    def claim(self, key: int, teller: int) -> None:
        """Let a key count nothing: what it stands for is told under another one."""
        found = self.sightings[teller]
        self.sightings[key] = found._replace(key=key, grade=Grade.GHOST.value)

    def pass_over(self, message: Message) -> None:
        """Pass over an answer that another tool's log tells of."""
        self._repeated += message.offset > self.seen

    def _counts(self, record: dict[str, Any], *, is_new: bool) -> Counts | None:
        tokens = record.get("tokens")
        if tokens is None:
            return None
        if not isinstance(tokens, dict) or not tokens.keys() & _CLASSES:
            if is_new:
                self.find_unknown(tokens if isinstance(tokens, dict) else record)
            return None
        cache = part(tokens, "cache")
        told = [tokens.get("input"), tokens.get("output"), tokens.get("reasoning")]
        told += [cache.get("read"), cache.get("write"), tokens.get("total")]
        return Counts(*map(count, told))

    def _add(
        self, key: int, message: Message, session: Session, parents: Mapping[str, str]
    ) -> None:
        place = place_of(message.session, parents)
        if place.agent and message.agent:
            self.notes.add(AgentNote(place.session, place.agent, message.agent))
        self.sightings[key] = sighting_of(
            key,
            message.created_ms,
            Scope(self.source, *place, session.project or message.project),
            message.model,
            message.tokens(),
            offset=message.offset,
            cost_nano=message.cost(),
            is_final=message.is_finished,
        )


def _model(record: dict[str, Any]) -> ModelName:
    """Return the model, which version 2 tells in an object of its own."""
    told = part(record, "model")
    provider = name_in(record.get("providerID")) or name_in(told.get("providerID"))
    model = name_in(record.get("modelID")) or name_in(told.get("id"))
    return ModelName(provider, model or "unknown")


def _folder(path: dict[str, Any]) -> str:
    return name_in(path.get("cwd")) or name_in(path.get("root"))
