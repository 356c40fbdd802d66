"""A mapping as a source: where its logs lie, and when they are read anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.sources import claude_lines
from tests.sources.mapped.logs import (
    NAME,
    configured,
    mapping,
    plain,
    record,
    source,
    spelt,
    written,
)
from tests.sources.road import CANARY, Road, write
from tokwatch.model.usage import Dimension
from tokwatch.sources.mapped.source import MappedSource
from tokwatch.sources.source import Surroundings


def among(*files: str) -> MappedSource:
    """Return a mapping of these files."""
    listed = ", ".join(f'"{file}"' for file in files)
    return source(plain().replace('"~/logs/*.jsonl"', listed))


def logged(home: Path, name: str, *records: object) -> Path:
    """Write a log somewhere at home."""
    return write(home / name, spelt(*(records or (line(),))))


def line(**changes: object) -> dict[str, object]:
    """Return a record of the smallest mapping."""
    return {"ts": "2026-08-01T10:00:01Z", "model": "gpt-5.5", "input": 10, **changes}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a data folder of the test's own."""
    return tmp_path / "data"


def totals(home: Path, data: Path, by: Dimension = Dimension.SOURCE) -> dict[object, int]:
    """Read what is new and return requests by a dimension."""
    road = Road(home, data)
    road.read()
    found: dict[object, int] = {
        group[0]: spent.requests for group, spent in road.sums((by,)).items()
    }
    road.close()
    return found


@pytest.mark.parametrize(
    ("file", "path", "wanted"),
    [
        ("~/logs/*.jsonl", "logs/a.jsonl", True),
        ("~/logs/*.jsonl", "logs/a.json", False),
        ("~/logs/*.jsonl", "logs/old/a.jsonl", False),
        ("~/logs/**/*.jsonl", "logs/a.jsonl", True),
        ("~/logs/**/*.jsonl", "logs/old/er/a.jsonl", True),
        ("~/logs/*/use-[0-9].log", "logs/x/use-1.log", True),
        ("~/logs/*/use-[0-9].log", "logs/x/use-a.log", False),
        ("~/logs/*/use-[0-9].log", "logs/x/y/use-1.log", False),
        ("~/use.jsonl", "use.jsonl", True),
        ("~/use.jsonl", "use2.jsonl", False),
        ("~/logs/**", "logs/a/b", True),
    ],
)
def test_files_are_wanted_by_pattern(home: Path, file: str, path: str, wanted: bool) -> None:
    assert among(file).wants(str(home / path)) is wanted


def test_the_folders_looked_into_end_where_a_pattern_begins(home: Path) -> None:
    found = among("~/logs/*.jsonl", "~/runs/*/use.jsonl", "/var/x/y.jsonl", "~/a.jsonl", "~/**/b")
    roots = found.roots(Surroundings(home, {}, "linux"))

    assert {(root.path, root.shallow) for root in roots} == {
        (home / "logs", True),
        (home / "runs", False),
        (Path("/var/x"), True),
        (home, False),
    }


def test_a_shallow_folder_is_not_walked_below(home: Path, data: Path) -> None:
    configured(plain())
    logged(home, "logs/a.jsonl")
    logged(home, "logs/old/b.jsonl")

    assert totals(home, data, Dimension.SESSION) == {"a": 1}


def test_two_mappings_and_a_tool_may_share_a_folder(home: Path, data: Path) -> None:
    other = plain().replace("my-gateway", "other").replace("*.jsonl", "b-*.jsonl")
    configured(plain().replace("*.jsonl", "a-*.jsonl") + other)
    for name in ("a-1", "a-2", "b-1"):
        logged(home, f"logs/{name}.jsonl")

    assert totals(home, data) == {NAME: 2, "other": 1}


def test_a_log_is_the_first_sources_that_wants_it(home: Path, data: Path) -> None:
    configured(plain() + plain().replace("my-gateway", "other"))
    logged(home, "logs/a.jsonl")

    assert totals(home, data) == {NAME: 1}


def test_a_hint_leads_to_the_source_that_wants_the_file(home: Path, data: Path) -> None:
    other = plain().replace("my-gateway", "other").replace("*.jsonl", "b-*.jsonl")
    configured(plain().replace("*.jsonl", "a-*.jsonl") + other)
    log = logged(home, "logs/b-1.jsonl")
    deeper = logged(home, "logs/old/b-2.jsonl")
    road = Road(home, data)

    found = road.ingest.look_at({str(log), str(deeper), str(deeper.parent)})

    assert [(each.source.name, each.found.path) for each in found] == [("other", str(log))]
    road.close()


def test_a_folder_hint_leads_to_every_source_of_it(home: Path, data: Path) -> None:
    other = plain().replace("my-gateway", "other").replace("*.jsonl", "b-*.jsonl")
    configured(plain().replace("*.jsonl", "a-*.jsonl") + other)
    for name in ("a-1", "b-1"):
        logged(home, f"logs/{name}.jsonl")
    road = Road(home, data)

    found = road.ingest.look_at({str(home / "logs")})

    assert {each.source.name for each in found} == {NAME, "other"}
    road.close()


def test_a_copied_folder_of_the_settings_is_read_by_name(home: Path, data: Path) -> None:
    folder = home / "copied"
    configured(f'[sources.paths]\n{NAME} = ["{folder}"]\n{plain()}')
    logged(home, "copied/deep/a.jsonl")
    logged(home, "copied/deep/a.txt")

    assert totals(home, data, Dimension.SESSION) == {"a": 1}


def test_a_changed_mapping_reads_its_logs_anew(home: Path, data: Path) -> None:
    logged(home, "logs/a.jsonl", line(output=3), line(output=4))
    configured(plain())
    totals(home, data)
    configured(plain(output="output"))
    road = Road(home, data)
    road.read()

    assert (road.total().requests, road.total().input, road.total().output) == (2, 20, 7)
    road.close()


def test_a_changed_mapping_takes_back_what_it_counted(home: Path, data: Path) -> None:
    logged(home, "logs/a.jsonl", line(event="done"), line(event="lost"))
    configured(plain())
    before = totals(home, data)
    configured(plain().replace('time = "ts"', 'time = "ts"\nwhere = { event = "done" }'))

    assert (before, totals(home, data)) == ({NAME: 2}, {NAME: 1})


def test_an_unchanged_mapping_reads_nothing_again(home: Path, data: Path) -> None:
    configured(plain())
    logged(home, "logs/a.jsonl")
    totals(home, data)
    configured(plain().replace('time = "ts"', 'time = "ts"\ntitle = "Mine"') + "[burn]\n")
    road = Road(home, data)

    assert road.ingest.walk().pending == []
    road.close()


def test_what_a_mapping_told_stays_when_it_is_gone(home: Path, data: Path) -> None:
    configured(plain())
    logged(home, "logs/a.jsonl")
    totals(home, data)
    configured("")

    assert totals(home, data) == {NAME: 1}


def test_reading_in_pieces_twice_and_after_a_rewrite_counts_once(home: Path, data: Path) -> None:
    configured(mapping())
    records = [record(number) for number in range(1, 6)]
    written(home, spelt(*records[:2]))
    totals(home, data)
    written(home, spelt(*records))
    totals(home, data)
    written(home, spelt(*records[3:], *records[:2]))
    totals(home, data)
    written(home, spelt(*records), "copy.jsonl")

    assert totals(home, data, Dimension.SESSION) == {"s1": 5}


def test_a_witness_counts_only_what_no_tool_tells(home: Path, data: Path, transcript: Path) -> None:
    write(transcript, claude_lines.answer("msg_1", output=20))
    told = [line(rid="msg_1", input=99), line(rid="msg_2", input=7)]
    logged(home, "logs/a.jsonl", *told)
    configured(plain(response_id="rid").replace('time = "ts"', 'time = "ts"\nwitness = true'))

    assert totals(home, data) == {"claude-code": 1, NAME: 1}


def test_a_user_in_the_log_is_not_the_one_of_the_settings(home: Path, data: Path) -> None:
    configured(f'[general]\nuser = "ana"\nmachine = "m"\n{plain(user="who")}')
    logged(home, "logs/a.jsonl", line(who="ben"), line())

    assert totals(home, data, Dimension.USER) == {"ana": 1, "ben": 1}


def test_prompts_are_not_kept(home: Path, data: Path) -> None:
    configured(mapping(more='[MAPPING.measure.score]\nvalue = "score"\n'))
    talk = {"messages": [{"role": "user", "content": CANARY}], "score": CANARY}
    written(home, spelt(record(1, **talk), {**talk, "usage": {"prompt_tokens": CANARY}}))
    totals(home, data)

    kept = b"".join(file.read_bytes() for file in data.iterdir() if file.is_file())
    assert CANARY.encode() not in kept


def test_it_knows_no_titles_and_no_tool(home: Path) -> None:
    found = source(plain().replace('time = "ts"', 'time = "ts"\ntitle = "My\\u001b gateway"'))

    assert found.title == "My gateway"
    assert found.title_of(home / "a.jsonl", "s") == found.resume_command("s") == ""
    assert found.retention(Surroundings(home, {}, os.name)) == ""
