"""Asks endpoints once, for a command or the form that adds one: no threads, perhaps no store."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import structs

from tokwatch.config import Config
from tokwatch.errors import ConfigError
from tokwatch.gateways.poll import MORE_S, Polled
from tokwatch.ingest.poll_threads import endpoint_of, now_ms, poller_of, wire_of
from tokwatch.model.endpoint import EndpointState

if TYPE_CHECKING:
    from tokwatch.config.endpoints import EndpointTable

MOST_STEPS: Final = 500
"""Polls of one endpoint: what is left of a long history is the next command's."""


class Answer(NamedTuple):
    """What one part of an endpoint answered, in lines of plain text."""

    part: str
    lines: tuple[str, ...]
    is_failing: bool


def known_endpoint(config: Config, name: str) -> str:
    """Return the name of a configured endpoint; a ConfigError tells the nearest one."""
    if name in config.endpoint:
        return name
    from difflib import get_close_matches

    near = get_close_matches(name, config.endpoint, 1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    known = ", ".join(config.endpoint) or "none; docs/gateways.md says how to add one"
    raise ConfigError(f"There is no endpoint {name!r}.", f"{hint}There is {known}.")


def tried(config: Config, name: str) -> Iterator[Polled]:
    """Ask every part of an endpoint once, as if for the first time; nothing is kept."""
    table = config.endpoint[name]
    endpoint, wire = endpoint_of(config, name), wire_of(table)
    try:
        for part in endpoint.parts:
            alone = replace(endpoint, only=(part.name,))
            yield poller_of(alone, (), wire).step()
    finally:
        wire.close()


def trial(config: Config, name: str, table: EndpointTable) -> Iterator[Answer]:
    """Ask every part of an endpoint once that need not be configured yet; nothing is kept."""
    from tokwatch.ingest.polled_words import polled_lines

    for one in tried(structs.replace(config, endpoint={name: table}), name):
        yield Answer(one.state.part, tuple(polled_lines(one)), one.state.is_failing)


def polled(
    config: Config, name: str, states: Iterable[EndpointState], *, at_once: bool
) -> Iterator[Polled]:
    """Ask what is due of an endpoint, or all of it, until nothing is."""
    table = config.endpoint[name]
    wire = wire_of(table)
    poller = poller_of(endpoint_of(config, name), states, wire)
    if at_once:
        poller.retry()
    try:
        for _ in range(MOST_STEPS):
            due_ms = poller.due_ms()
            if due_ms is None or due_ms > now_ms() + 1000 * MORE_S:
                return
            time.sleep(max(0, due_ms - now_ms()) / 1000)
            yield poller.step()
    finally:
        wire.close()
