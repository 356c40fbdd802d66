"""Event files: whole logs or none of them, and every refusal names file, line and reason."""

from __future__ import annotations

import gzip
import json
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.store.worlds import NOON_MS, request, script, whole
from tokwatch.errors import TokwatchError
from tokwatch.machines.event_file import EventFile, lines_of
from tokwatch.model.event import RequestFact
from tokwatch.model.measure import Measure
from tokwatch.model.reading import Reading
from tokwatch.store.tellings import Telling


def reading(path: str, *numbers: int) -> Reading:
    """Return a log of a few requests, the first with a fact."""
    found = whole(script(path, *map(request, numbers))).reading
    return replace(found, facts=(RequestFact(numbers[0], "retries", 1),))


TOLD = (
    Telling("laptop", reading("/logs/a.jsonl", 1, 2)),
    Telling("laptop", reading("/logs/b.jsonl", 3)),
)
TRACKED = (Measure("quality", NOON_MS, 0.5),)
LINES = list(lines_of(TOLD, TRACKED, "unused", 7))


def parts(*lines: bytes) -> tuple[list[str], EventFile]:
    """Return the paths of the logs that are read, and the file."""
    file = EventFile(BytesIO(b"".join(lines)), "f.jsonl")
    found = list(file.parts())
    return [one.reading.cursor.path for one in found if isinstance(one, Telling)], file


def changed(line: bytes, **fields: Any) -> bytes:
    """Return a log's line with other fields."""
    record = json.loads(line)
    record["log"] |= fields
    return json.dumps(record).encode() + b"\n"


def test_what_was_written_is_read() -> None:
    file = EventFile(BytesIO(b"".join(LINES)), "f.jsonl")

    first, second, measure = file.parts()

    assert isinstance(first, Telling)
    assert first.told_ms == 7
    assert first.reading.facts == TOLD[0].reading.facts
    assert [one.key for one in first.reading.sightings] == [1, 2]
    label = {one.scope.machine for one in first.reading.sightings}
    assert label == {"laptop"}
    assert isinstance(second, Telling)
    assert measure == TRACKED[0]
    assert (file.bad_lines, file.left_out) == (0, [])


def test_names_of_api_keys_are_carried_and_older_files_have_none() -> None:
    plain, keyed = request(1), request(2)
    keyed = keyed._replace(scope=keyed.scope._replace(key="ci"))
    lines = list(lines_of([Telling("laptop", whole(script("/logs/a.jsonl", plain, keyed)).reading)],
                          (), "unused", 7))  # fmt: skip
    record = json.loads(lines[1])["log"]

    def keys_of(keys: object) -> list[str]:
        edited = [lines[0], changed(lines[1], keys=keys), *lines[2:]]
        [telling] = EventFile(BytesIO(b"".join(edited)), "f").parts()
        assert isinstance(telling, Telling)
        return [one.scope.key for one in telling.reading.sightings]

    assert (record["keys"], len(record["scopes"][0])) == (["", "ci"], 7)
    assert keys_of(record["keys"]) == ["", "ci"]
    assert keys_of([]) == ["", ""]
    assert keys_of(["", "sk-secret"])[1].startswith("key ")
    assert b'"keys"' not in LINES[1]


def test_every_line_is_json_and_says_what_it_is() -> None:
    kinds = [next(iter(json.loads(line))) for line in LINES]

    assert kinds == ["tokwatch", "log", "request", "request", "fact", "log", "request", "fact",
                     "measure", "end"]  # fmt: skip


@pytest.mark.parametrize(
    "first",
    [
        b"",
        b"\n",
        b"{}\n",
        b'{"type":"user"}\n',
        b"\xff\xfe\n",
        b'{"tokwatch":"prices"}\n',
        b"[1]\n",
    ],
)
def test_a_file_of_another_kind_is_refused(first: bytes) -> None:
    with pytest.raises(TokwatchError, match=r"^f\.jsonl:1: not the first line"):
        parts(first, *LINES[1:])


def test_a_newer_format_is_refused() -> None:
    header = b'{"tokwatch":"events","version":99,"writtenBy":"tokwatch 9.9\\u001b[2J"}\n'

    with pytest.raises(
        TokwatchError, match=r"^f\.jsonl:1: format 99, written by tokwatch 9\.9\[2J"
    ):
        parts(header, *LINES[1:])


@pytest.mark.parametrize(
    ("bad", "line"),
    [(b"{broken\n", 4), (b'{"request":[1,2]}\n', 4), (b'{"fact":[-1,"x",0]}\n', 4)],
)
def test_a_bad_line_leaves_out_its_log_alone(bad: bytes, line: int) -> None:
    lines = [*LINES]
    lines[line - 1] = bad

    paths, file = parts(*lines)

    assert paths == ["/logs/b.jsonl"]
    assert file.bad_lines == 2, "the line itself, and what is left of its log"
    assert file.left_out[0].startswith(f"f.jsonl:{line}: not a line of this format: ")
    assert file.left_out[0].endswith("; left out: /logs/a.jsonl")


def test_a_bad_log_line_leaves_out_what_follows_it() -> None:
    paths, file = parts(LINES[0], *LINES[1:5], b"{broken\n", *LINES[6:])

    assert paths == ["/logs/a.jsonl"]
    assert file.bad_lines == 3
    assert file.left_out[0].startswith("f.jsonl:6: not a line of this format")


@pytest.mark.parametrize("end", range(1, len(LINES)))
def test_a_file_that_was_cut_gives_its_whole_logs_and_says_so(end: int) -> None:
    paths, file = parts(*LINES[:end])

    assert paths == ["/logs/a.jsonl", "/logs/b.jsonl"][: (end >= 5) + (end >= 8)]
    assert "the file ends before its last line" in file.left_out[-1]


@pytest.mark.parametrize("between", [[], [b"\n", b" \r\n"]])
def test_exports_in_a_row_are_one_file(between: list[bytes]) -> None:
    other = list(lines_of([Telling("desk", reading("/logs/c.jsonl", 9))], TRACKED, "unused", 8))

    paths, file = parts(*LINES, *between, *other, *between)

    assert paths == ["/logs/a.jsonl", "/logs/b.jsonl", "/logs/c.jsonl"]
    assert (file.bad_lines, file.left_out) == (0, [])


@pytest.mark.parametrize(
    ("end", "reasons"),
    [
        (9, ["f.jsonl:10: another export begins before the last line of the one above"]),
        (
            3,
            [
                "f.jsonl:4: its requests end early; left out: /logs/a.jsonl",
                "f.jsonl:4: another export begins before the last line of the one above",
            ],
        ),
    ],
)
def test_an_export_that_was_cut_before_another_one_is_told(end: int, reasons: list[str]) -> None:
    paths, file = parts(*LINES[:end], *LINES)

    assert paths[-2:] == ["/logs/a.jsonl", "/logs/b.jsonl"]
    assert file.left_out == reasons


def test_an_export_of_a_newer_format_after_another_one_is_left_out() -> None:
    header = b'{"tokwatch":"events","version":99}\n'

    paths, file = parts(*LINES, header, *LINES[1:])

    assert paths == ["/logs/a.jsonl", "/logs/b.jsonl"]
    assert file.left_out == [
        "f.jsonl:11: format 99, written by a newer tokwatch; this one knows 1;"
        " left out: all from here on"
    ]


def test_logs_that_are_missing_without_a_trace_are_told() -> None:
    paths, file = parts(LINES[0], *LINES[5:])

    assert paths == ["/logs/b.jsonl"]
    assert file.left_out == ["f.jsonl:6: the last line tells of 2 logs, of which 1 came"]


def test_a_compressed_file_is_told_as_such() -> None:
    with pytest.raises(TokwatchError) as told:
        parts(gzip.compress(b"".join(LINES)))

    assert told.value.hint == "It is compressed: unpack it first."


def test_requests_that_end_early_leave_out_their_log() -> None:
    paths, file = parts(*LINES[:3], *LINES[5:])

    assert paths == ["/logs/b.jsonl"]
    assert file.left_out == ["f.jsonl:4: its requests end early; left out: /logs/a.jsonl"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"scopes": []}, "a request names no scope or model of its log"),
        ({"models": []}, "a request names no scope or model of its log"),
        ({"machine": "\u202e\u200b"}, "its machine has no label"),
        ({"keys": ["a", "b"]}, "its keys are not those of its scopes"),
    ],
)
def test_parts_that_do_not_fit_leave_out_the_log(fields: dict[str, Any], reason: str) -> None:
    paths, file = parts(LINES[0], changed(LINES[1], **fields), *LINES[2:])

    assert paths == ["/logs/b.jsonl"]
    assert file.left_out == [f"f.jsonl:5: {reason}; left out: /logs/a.jsonl"]


def test_names_are_made_safe() -> None:
    hostile = "\x1b[2Jshop\u202e"
    lines = [LINES[0], changed(LINES[1], models=[["x", hostile, hostile]], machine=hostile)]

    [telling, _, _] = EventFile(BytesIO(b"".join([*lines, *LINES[2:]])), "f").parts()

    assert isinstance(telling, Telling)
    assert telling.machine == "[2Jshop"
    assert telling.reading.sightings[0].model == ("x", "[2Jshop", "[2Jshop")


def test_a_path_with_a_zero_byte_is_no_path() -> None:
    _, file = parts(LINES[0], changed(LINES[1], path="/logs/\0"), *LINES[2:])

    assert "not a line of this format" in file.left_out[0]


def test_a_line_without_an_end_in_sight_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tokwatch.machines.event_file.MOST_BYTES", 2_000)

    paths, file = parts(*LINES[:2], b'{"x":"' + b"a" * 50_000 + b'"}\n', *LINES[2:])

    assert paths == ["/logs/b.jsonl"]
    assert file.left_out[0].startswith("f.jsonl:3: not a line of this format")


@given(
    content=st.one_of(
        st.binary(max_size=400),
        st.lists(st.sampled_from(LINES), max_size=20).map(b"".join),
        st.tuples(st.integers(0, sum(map(len, LINES)) - 1), st.binary(min_size=1, max_size=9)).map(
            lambda cut: b"".join(LINES)[: cut[0]] + cut[1] + b"".join(LINES)[cut[0] + 1 :]
        ),
    )
)
def test_whatever_a_file_holds_only_whole_logs_come_out(content: bytes) -> None:
    try:
        file = EventFile(BytesIO(content), "f.jsonl")
    except TokwatchError:
        return
    for part in file.parts():
        if isinstance(part, Telling):
            wanted = {"/logs/a.jsonl": 2, "/logs/b.jsonl": 1}.get(part.reading.cursor.path)
            assert wanted in (None, len(part.reading.sightings))
