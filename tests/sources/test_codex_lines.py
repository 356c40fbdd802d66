"""What happens to a rollout's bytes: glued, torn, spelt otherwise, read in pieces."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.sources.codex_lines import (
    GPT,
    THREAD,
    Counts,
    event,
    item,
    line,
    meta,
    prompt,
    settings,
    totals,
    turn,
)
from tests.sources.conftest import Read
from tests.sources.road import outputs, reading, write
from tokwatch.model.event import ModelName
from tokwatch.model.reading import Reading

FIRST: Counts = (1_000, 600, 50, 20)
SECOND: Counts = (3_000, 2_400, 90, 30)


def test_nested_keys_do_not_fool_the_reader(codex: Read) -> None:
    """4.6: nested `model`, `type` and `usage` are not the thread's."""
    inner = json.loads(totals(SECOND, SECOND))
    found = codex(
        meta(dynamic_tools=[{"name": "x", "type": "token_count"}], provenance={"model": "evil"}),
        turn(provenance={"model": "evil"}),
        line("response_item", {"type": "function_call_output", "output": inner, "model": "evil"}),
        line("response_item", inner["payload"]),
        item(json.dumps(inner)),
        event("exec_command_end", payload=inner["payload"], info=inner["payload"]["info"]),
        totals(FIRST),
    )

    assert [(s.output, s.model.name) for s in found.sightings] == [(50, GPT)]


@pytest.mark.parametrize(
    "first", [prompt(), item(), turn(), settings("fast"), totals(None)], ids=lambda b: b[50:70]
)
def test_two_records_glued_on_one_line_are_both_read(codex: Read, first: bytes) -> None:
    """C11: the newline between them was lost."""
    found = codex(meta(), first[:-1] + totals(FIRST), totals(SECOND))

    assert outputs(found) == [50, 40]
    assert (found.tally.glued_lines, found.tally.bad_lines) == (1, 0)


def test_usage_glued_between_others_is_read(codex: Read) -> None:
    """C11: two newlines were lost, and the line ends as what was said does."""
    found = codex(meta(), item()[:-1] + totals(FIRST)[:-1] + item(), totals(SECOND))

    assert (outputs(found), found.tally.glued_lines) == ([50, 40], 1)


def test_context_glued_before_usage_is_read_too(codex: Read) -> None:
    """C11: the model stands in the record before."""
    glued = b"".join(part[:-1] for part in (turn("gpt-5.3-codex"), settings("fast")))

    (sighting,) = codex(meta()[:-1] + glued + totals(FIRST)).sightings

    assert sighting.model == ModelName("openai", "gpt-5.3-codex", "fast")
    assert sighting.scope.session == THREAD


@pytest.mark.parametrize(
    "broken",
    [item()[:60] + b"\n", totals(FIRST)[:90] + b"\n", turn()[:-5] + b"\n", b"{]\n", b"\xff\n"],
)
def test_a_broken_line_is_counted_and_the_next_one_read(codex: Read, broken: bytes) -> None:
    """C11: whatever it was."""
    found = codex(meta(), broken, totals(FIRST))

    assert (outputs(found), found.tally.bad_lines) == ([50], 1)


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": "), (" ,\t", " :  ")])
@pytest.mark.parametrize("is_reversed", [False, True])
def test_spelling_changes_nothing(
    codex: Read, separators: tuple[str, str], is_reversed: bool
) -> None:
    """4.6: neither the order of keys nor white space means anything."""

    def spell(line: bytes) -> bytes:
        record = json.loads(line)
        payload = dict(sorted(record["payload"].items(), reverse=is_reversed))
        record = dict(sorted((record | {"payload": payload}).items(), reverse=is_reversed))
        return json.dumps(record, separators=separators).encode() + b"\n"

    written = (meta(), turn(), settings("fast"), item(), totals(FIRST), totals(SECOND))

    found = codex(*map(spell, written))

    assert [(s.output, s.model.tier, s.scope.session) for s in found.sightings] == [
        (50, "fast", THREAD),
        (40, "fast", THREAD),
    ]


def test_growth_goes_on_in_the_next_read(rollout: Path, sessions: Path) -> None:
    """4.2: total, model, tier and place are in the cursor's state."""
    lines = [meta(), turn("gpt-5.3-codex"), settings("fast"), totals(FIRST)]
    first = reading("codex", write(rollout, *lines), sessions)
    then = reading("codex", write(rollout, *lines, totals(SECOND)), sessions, first.cursor)
    (sighting,) = then.sightings

    assert (sighting.output, sighting.model) == (40, ModelName("openai", "gpt-5.3-codex", "fast"))
    assert sighting.scope == _only(first)


def _only(found: Reading) -> object:
    (sighting,) = found.sightings
    return sighting.scope


def test_a_huge_line_is_passed_over(codex: Read) -> None:
    """4.4: whole-file parsing of Codex logs took tens of gigabytes."""
    found = codex(meta(), item("x" * 50_000), totals(FIRST), max_line=10_000)

    assert (outputs(found), found.tally.oversized_lines) == ([50], 1)


def test_a_total_told_twice_counts_where_the_first_was_broken(codex: Read) -> None:
    """X1 and C11: the second one is whole."""
    broken = totals(FIRST, FIRST).replace(b'"event_msg",', b'"event_msg","')

    found = codex(meta(), broken, totals(FIRST, FIRST))

    assert (outputs(found), found.tally.bad_lines) == ([50], 1)
