"""`tokwatch sources test` says what lines become and why others count nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.reports import World
from tests.sources import claude_lines, codex_lines
from tests.sources.agents import droid_logs
from tests.sources.mapped.logs import NAME, configured, mapping, plain, record, spelt, written
from tests.sources.road import CANARY, write


def blocks(repository: Path, kind: str) -> list[str]:
    """Return the code blocks of a kind on the page about mappings."""
    page = (repository / "docs" / "mapping.md").read_text("utf-8")
    return re.findall(rf"```{kind}\n(.*?)```", page, re.DOTALL)


def test_the_page_shows_what_is_printed(world: World, home: Path, repository: Path) -> None:
    configured(blocks(repository, "toml")[0])
    log = write(home / "logs" / "gateway-1.jsonl", blocks(repository, "json")[0].encode())

    printed = world.run("sources", "test", "my-gateway", str(log))

    assert printed.out == blocks(repository, "text")[0]
    assert printed.code == 0


@pytest.mark.parametrize("name", ["my-gateway", "my-script"])
def test_the_page_shows_whole_mappings(repository: Path, tmp_path: Path, name: str) -> None:
    rest = '[mapping.my-script]\nfiles = ["/x"]\ntime = "t"\nfields.input = "i"\n'
    configured(f"{blocks(repository, 'toml')[0]}{rest}{blocks(repository, 'toml')[1]}")

    assert name in configured_names()


def configured_names() -> set[str]:
    """Return the names of the user's mappings."""
    from tokwatch.config import load

    return set(load(environ={}).mapping)


def test_json_has_every_line_and_every_class(world: World, home: Path) -> None:
    configured(mapping(more='[MAPPING.measure.score]\nvalue = "score"\n'))
    log = written(home, spelt(record(1, cost=0.5, score=2), {"usage": {}}) + b"{\n")

    told = world.run("sources", "test", NAME, str(log), "--json").json

    assert (told["source"], told["isRead"], told["endsWithinALine"]) == (NAME, True, False)
    [request] = told["lines"][0]["requests"]
    assert request["instantMs"] == 1_785_578_401_000
    assert (request["session"], request["name"]) == ("s1", "gpt-5.5")
    classes = ("input", "cacheRead", "cacheWrite5m", "cacheWrite1h", "output", "reasoning")
    assert [request[name] for name in classes] == [300, 600, 60, 40, 50, 20]
    assert request["loggedCost"] == 0.5
    assert request["computedCost"] > 0
    assert told["lines"][0]["measures"][0]["value"] == 2
    assert [line["number"] for line in told["lines"]] == [1, 2, 3]
    assert [bool(line["skipped"]) for line in told["lines"]] == [False, True, True]
    assert told["counts"] == {
        "tried": 3,
        "requests": 1,
        "measures": 1,
        "skipped": 2,
        "badLines": 0,
        "oversizedLines": 0,
        "undatedRecords": 0,
        "unknownRecords": 0,
        "repeatedRecords": 0,
    }


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"\n", "an empty line"),
        (b"{broken\n", "no JSON object"),
        (b"[1]\n", "no JSON object"),
        (spelt({"event": "x", "input": 1}), 'event is not "done"'),
        (spelt({"event": "done", "output": 1}), "has none of input"),
        (spelt({"event": "done", "input": "x"}), "input is text, not a number"),
        (
            spelt({"event": "done", "input": 1}),
            "has no time in iso where the mapping looks for one",
        ),
    ],
)
def test_a_skipped_line_says_why(world: World, home: Path, line: bytes, reason: str) -> None:
    configured(plain().replace('time = "ts"', 'time = "ts"\nwhere = { event = "done" }'))
    log = written(home, line)

    printed = world.run("sources", "test", NAME, str(log))

    assert f"     1  skipped: {reason}\n" in printed.out
    assert printed.code == 1


def test_a_line_that_a_later_one_replaces_says_so(world: World, home: Path) -> None:
    configured(mapping())
    log = written(home, spelt(record(1), record(1)))

    lines = world.run("sources", "test", NAME, str(log)).out.splitlines()

    assert lines[0] == "     1  skipped: a later line of the same request counts"
    assert lines[-2:] == [
        "2 lines: 1 request, 0 measures, 1 skipped",
        "of them 1 replaced by a later one",
    ]


def test_counts_that_contradict_the_mapping_are_pointed_out(world: World, home: Path) -> None:
    configured(mapping(fields={"model": "response.model", "input": "usage.prompt_tokens",
                               "cache_read": "usage.details[0].cached", "total": "n"},
                       rules="input_includes = []"))  # fmt: skip
    log = written(home, spelt(record(1, n=1_000)))

    printed = world.run("sources", "test", NAME, str(log))

    assert "        ! the classes add up to 1,600, the total says 1,000\n" in printed.out


def test_only_the_first_lines_are_tried(world: World, home: Path) -> None:
    configured(mapping())
    log = written(home, spelt(*(record(number) for number in range(1, 31))))

    assert "20 lines: 20 requests" in world.run("sources", "test", NAME, str(log)).out
    few = world.run("sources", "test", NAME, str(log), "--lines", "3").out
    assert "3 lines: 3 requests" in few
    assert world.run("sources", "test", NAME, str(log), "--lines", "0").code == 2


def test_a_line_without_its_end_is_told_apart(world: World, home: Path) -> None:
    configured(mapping())
    log = written(home, spelt(record(1)) + spelt(record(2))[:40])

    told = world.run("sources", "test", NAME, str(log)).out

    assert told.endswith("behind them a line that is not complete: it waits for its end\n")


def test_long_lines_have_a_number_and_are_counted(world: World, home: Path) -> None:
    configured(mapping() + "[sources]\nmax_line_mb = 1\n")
    huge = spelt({"usage": {}, "text": "x" * 1_100_000})
    log = written(home, huge + spelt(record(1)) + huge + spelt(record(2)))

    told = world.run("sources", "test", NAME, str(log), "--json").json

    assert [line["number"] for line in told["lines"]] == [2, 4]
    assert told["counts"]["oversizedLines"] == 2


def test_a_file_elsewhere_is_tried_but_said_not_to_be_read(world: World, home: Path) -> None:
    configured(mapping())
    log = write(home / "else.txt", spelt(record(1)))

    told = world.run("sources", "test", NAME, str(log)).out

    assert told.endswith(
        "tokwatch does not read this file by itself: its place or name is another\n"
    )


def test_a_built_in_source_can_be_tried(
    world: World, transcript_lines: list[bytes], home: Path
) -> None:
    log = write(home / "a.jsonl", *transcript_lines)

    printed = world.run("sources", "test", "claude-code", str(log))

    lines = printed.out.splitlines()
    assert "skipped: nothing that Claude Code counts; its fields: " in lines[0]
    assert "output 20" in lines[1]
    assert "2 lines: 1 request, 0 measures, 1 skipped" in printed.out


@pytest.fixture
def transcript_lines() -> list[bytes]:
    """Return a prompt and its answer as Claude Code logs them."""
    return [spelt({"type": "user", "message": {"content": CANARY}}), claude_lines.answer("m1", 20)]


def test_a_log_of_documents_is_told_by_record(world: World, home: Path) -> None:
    at = "2026-08-01T10:00:00Z"
    spent = {"input": 10, "output": 5, "cached": 0, "thoughts": 0, "total": 15}
    call = {"id": "m1", "type": "gemini", "timestamp": at, "model": "gemini-3", "tokens": spent}
    chat = {"sessionId": "s", "startTime": at, "messages": [call]}
    log = write(home / "session-1.json", json.dumps(chat, indent=2).encode())

    printed = world.run("sources", "test", "gemini-cli", str(log))

    assert "1 record: 1 request, 0 measures, 0 skipped" in printed.out


def test_a_document_is_whole_however_many_lines_it_has(world: World, home: Path) -> None:
    log = droid_logs.save(home, droid_logs.settings())

    printed = world.run("sources", "test", "droid", str(log), "--lines", "2")

    assert printed.out.splitlines()[1:] == ["", "1 record: 1 request, 0 measures, 0 skipped"]


def test_a_broken_document_is_told(world: World, home: Path) -> None:
    log = droid_logs.save(home, b"{\n")

    printed = world.run("sources", "test", "droid", str(log))

    told = "the file is no document of this source, or a broken one"
    assert printed.out.splitlines()[-1] == told
    assert printed.code == 1


def test_nothing_of_a_prompt_is_printed(world: World, home: Path) -> None:
    configured(mapping(more='[MAPPING.measure.score]\nvalue = "score"\nwhere = { a = "b" }\n'))
    talk = {"messages": [CANARY], "a": CANARY, "score": CANARY, "ts": CANARY}
    bad = [record(1, **talk), {**talk, "a": "b"}, {"usage": {"prompt_tokens": CANARY}}, talk]
    log = written(home, spelt(*bad) + CANARY.encode() + b"\n")

    for form in ([], ["--json"]):
        for source in (NAME, "codex"):
            printed = world.run("sources", "test", source, str(log), *form)
            assert CANARY not in printed.out + printed.err


@pytest.mark.parametrize(
    ("name", "file", "told", "code"),
    [
        ("my-gatewy", "a.jsonl", "Did you mean 'my-gateway'?", 2),
        (NAME, "absent.jsonl", "absent.jsonl cannot be read: no such file.", 1),
        (NAME, ".", "cannot be read: it is no file.", 1),
    ],
)
def test_what_cannot_be_tried_is_told(
    world: World, home: Path, name: str, file: str, told: str, code: int
) -> None:
    configured(mapping())
    log = written(home, spelt(record(1)))

    printed = world.run("sources", "test", name, str(log.parent / file))

    assert told in printed.err
    assert printed.code == code


def test_the_store_is_not_touched(world: World, home: Path) -> None:
    configured(mapping())
    log = written(home, spelt(record(1)))

    world.run("sources", "test", NAME, str(log))

    assert not world.data.exists()


def test_mappings_are_listed_among_the_sources(world: World, home: Path) -> None:
    configured(mapping().replace('time = "ts"', 'time = "ts"\ntitle = "My gateway"'))
    written(home, spelt(record(1)))

    told = {source["name"]: source for source in world.run("sources", "--json").json["sources"]}

    assert (told[NAME]["title"], told[NAME]["files"], told[NAME]["enabled"]) == (
        *("My gateway", 1),
        True,
    )
    assert "codex" in told


def test_a_mapping_can_be_asked_for_and_switched_off(world: World, home: Path) -> None:
    configured(mapping())
    written(home, spelt(record(1)))
    write(home / ".codex" / "sessions" / "rollout-a.jsonl", codex_lines.meta())

    report = world.run("report", "source", "--source", NAME, "--json").json
    assert [row["source"] for row in report["sources"]] == [NAME]
    configured(mapping() + f'[sources]\noff = ["{NAME}"]\n')
    assert world.run("report", "daily", "--source", "my-gatway").code == 2
    told = {source["name"]: source for source in world.run("sources", "--json").json["sources"]}
    assert told[NAME]["enabled"] is False


def test_an_empty_file_is_told(world: World, home: Path) -> None:
    configured(plain())

    printed = world.run("sources", "test", NAME, str(write(home / "logs" / "none.jsonl")))

    assert printed.out.splitlines()[-1] == "the file is empty"
    assert printed.code == 1
