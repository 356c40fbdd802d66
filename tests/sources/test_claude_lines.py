"""What happens to a transcript's bytes: glued, torn, padded, spelt otherwise."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.sources.claude_lines import answer, attachment, cost_state, echo, model_usage, prompt
from tests.sources.conftest import Read
from tests.sources.road import Road, outputs, reading, write
from tokwatch.ingest.ingest import Pace
from tokwatch.sources import lines


@pytest.mark.parametrize(
    "first",
    [
        prompt(),
        attachment(),
        answer("a", 5),
        cost_state({"m": model_usage(1, 1)}),
        prompt(type="system"),
    ],
    ids=["prompt", "attachment", "answer", "cost-state", "system"],
)
def test_two_records_glued_on_one_line_are_both_read(claude: Read, first: bytes) -> None:
    """C11: the newline between them was lost."""
    found = claude(first[:-1] + answer("b", 7), answer("c", 9))

    assert outputs(found)[-2:] == [7, 9]
    assert (found.tally.glued_lines, found.tally.bad_lines) == (1, 0)


def test_a_record_glued_behind_an_answer_is_read(claude: Read) -> None:
    """C11: an echo and the session's totals count wherever they stand."""
    glued = answer("a", 5)[:-1] + echo("b", 7)[:-1] + cost_state({"m": model_usage(1, 3)})

    found = claude(glued)

    assert sorted(out or 0 for out in outputs(found)) == [5, 7]
    assert [line.output for line in found.ledger] == [3]


def test_glued_records_without_ids_are_told_apart(claude: Read) -> None:
    """C3 and C11: each has an offset of its own."""
    first, second = answer(None, 5), answer(None, 7)

    found = claude(first[:-1] + second)

    assert [sighting.offset for sighting in found.sightings] == [0, len(first) - 1]


@pytest.mark.parametrize("broken", [b'{"type":"assistant","mess\n', b"{]\n", b"\xff\xfe\x00x\n"])
def test_a_broken_line_is_counted_and_the_next_one_read(claude: Read, broken: bytes) -> None:
    """C11 and 4.2: a record torn by a crash in the middle of the log."""
    found = claude(answer("a", 5), broken, answer("b", 7))

    assert outputs(found) == [5, 7]
    assert found.tally.bad_lines == 1


def test_a_broken_line_of_another_kind_is_counted_too(claude: Read) -> None:
    """C11: broken lines are never silent, whatever they were."""
    found = claude(prompt()[:120] + b"\n", answer("b", 7))

    assert (outputs(found), found.tally.bad_lines) == ([7], 1)


def test_what_stands_before_the_fault_is_read(claude: Read) -> None:
    """C11: the first of two glued records is whole, the second is torn."""
    found = claude(answer("a", 5)[:-1] + answer("b", 7)[:50] + b"\n", answer("c", 9))

    assert outputs(found) == [5, 9]
    assert found.tally.bad_lines == 1


@pytest.mark.parametrize(
    "worn",
    [
        b"\n" + answer() + b"\n\n",
        b"\0" * 512 + answer(),
        answer()[:-1] + b"\0" * 512 + b"\n",
        b"\0" * 512 + b"\n" + answer(),
        answer()[:-1] + b"\r\n",
        b"  " + answer()[:-1] + b" \t\r\n",
        b"\xef\xbb\xbf" + answer(),
    ],
    ids=["blank", "NULs before", "NULs behind", "NULs alone", "CRLF", "spaces", "byte order mark"],
)
def test_padding_is_no_fault(claude: Read, worn: bytes) -> None:
    """4.2: NUL padding, CRLF, empty lines."""
    found = claude(worn)

    assert outputs(found) == [100]
    assert found.tally.bad_lines == 0


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": "), (" ,\t", " :  ")])
@pytest.mark.parametrize("is_reversed", [False, True])
def test_spelling_changes_nothing(
    claude: Read, separators: tuple[str, str], is_reversed: bool
) -> None:
    """4.6: neither the order of keys nor white space means anything."""
    ledger = cost_state({"m": model_usage(1, 3)})
    spelt = []
    for line in (prompt(), answer("a", 5), attachment(), echo("b", 7), ledger):
        record = dict(sorted(json.loads(line).items(), reverse=is_reversed))
        spelt.append(json.dumps(record, separators=separators).encode() + b"\n")

    found = claude(*spelt)

    assert outputs(found) == [5, 7]
    assert [line.output for line in found.ledger] == [3]
    assert found.tally.bad_lines == 0


def test_nested_keys_do_not_fool_the_reader(claude: Read) -> None:
    """4.6: a search that is blind to depth takes a tool's output for a record."""
    inner = json.loads(answer("inner", 999))
    told = json.dumps(inner)

    found = claude(
        prompt(toolUseResult=inner),
        prompt(text=told),
        prompt(text='"type":"assistant"'),
        answer("a", 5, text=told),
    )

    assert outputs(found) == [5]


def test_a_huge_line_is_passed_over_and_the_next_one_read(claude: Read) -> None:
    """4.4: snapshots of files make lines of hundreds of megabytes."""
    huge = prompt(text="x" * 50_000)

    found = claude(answer("a", 5), huge, answer("b", 7), max_line=10_000)

    assert outputs(found) == [5, 7]
    assert (found.tally.oversized_lines, found.tally.lines) == (1, 2)


def test_a_huge_line_that_is_still_being_written_waits(transcript: Path, projects: Path) -> None:
    """4.4: its end is not there yet, so the log is read from its start again."""
    first, huge = answer("a", 5), prompt(text="x" * 50_000)
    write(transcript, first, huge[:30_000])

    found = reading("claude-code", transcript, projects, max_line=10_000)
    write(transcript, first, huge, answer("b", 7))
    then = reading("claude-code", transcript, projects, found.cursor, max_line=10_000)

    assert (outputs(found), found.cursor.offset) == ([5], len(first))
    assert (outputs(then), then.tally.oversized_lines) == ([7], 1)


def test_a_line_as_long_as_the_limit_is_read(claude: Read) -> None:
    """4.4: the limit is what may be held, not what may be met."""
    line = answer("a", 5)

    assert outputs(claude(line, max_line=len(line))) == [5]
    assert outputs(claude(line, max_line=len(line) - 1)) == []


def test_a_torn_last_line_waits(road: Road, transcript: Path) -> None:
    """4.2: an offset is kept only behind a complete line."""
    line = answer("a", 5)
    write(transcript, line[:100])
    road.read()
    before = road.total().requests
    write(transcript, line)
    road.read()

    assert (before, road.total().output) == (0, 5)


def test_a_complete_last_line_without_newline_counts_at_once_and_once(
    road: Road, transcript: Path
) -> None:
    """4.2: a tail that is complete JSON is a record; its newline comes later."""
    line = answer(None, 5)
    write(transcript, line[:-1])
    road.read()
    before = road.total().output
    write(transcript, line, answer("b", 7))
    road.read()

    assert (before, road.total().output) == (5, 12)


def test_a_character_split_between_reads_is_whole_again(road: Road, transcript: Path) -> None:
    """4.2: UTF-8 is cut anywhere."""
    line = answer("a", 5, cwd="/home/ana/größe-日本")
    cut = line.index("日".encode()) + 1
    write(transcript, line[:cut])
    road.read()
    write(transcript, line)
    road.read()

    assert [event.scope.project for event in road.events()] == ["/home/ana/größe-日本"]


def test_a_restated_response_in_a_later_read_counts_once(road: Road, transcript: Path) -> None:
    """4.1 and 4.2: the last line of a response may come in another read than its first."""
    first, last = answer("a", 1, stop=None), answer("a", 500)
    write(transcript, first)
    road.read()
    write(transcript, first, prompt(), last)
    road.read()

    assert (road.total().output, road.total().requests) == (500, 1)


def test_a_log_that_was_cut_and_rewritten_doubles_nothing(road: Road, transcript: Path) -> None:
    """4.2: a file shrinks, then is whole again."""
    lines = [answer(f"m{number}", number) for number in range(1, 9)]
    write(transcript, *lines)
    road.read()
    write(transcript, *lines[:3])
    road.read()
    write(transcript, *lines, answer("new", 100))
    road.read()

    assert (road.total().output, road.total().requests) == (136, 9)


def test_a_log_replaced_by_another_is_read_from_its_start(road: Road, transcript: Path) -> None:
    """4.2: the same path and a larger size do not mean the same log."""
    write(transcript, answer("a", 5))
    road.read()
    write(transcript, answer("b", 7, text="another"), answer("c", 9))
    road.read()

    assert road.total().output == 21


def test_a_misdated_line_in_a_later_piece_costs_no_other(
    road: Road, transcript: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Section 0, 7 and 4.4: the log is then read again, each timestamp looked at."""
    monkeypatch.setattr(lines, "BLOCK_BYTES", 500)
    answers = [answer(f"m{number}", number) for number in range(1, 20)]
    write(transcript, *answers, answer("m19", 999, at="yesterday"), *answers[:3])
    pace = Pace(chunk_bytes=1_500, batch_events=1_000, batch_logs=100)
    for _ in road.ingest.read(road.ingest.walk().pending, pace=pace):
        pass

    assert (road.total().output, road.total().requests) == (190, 19)
