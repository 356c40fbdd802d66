"""`tokwatch doctor` and `tokwatch sources`: what is found, what is wrong, what to do."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.cli.reports import World
from tests.sources.agents import zcode_logs
from tests.sources.agents.databases import turns
from tests.sources.mapped.logs import NAME, configured, plain, spelt, written
from tests.transcripts import append, response, transcript
from tokwatch.doctor.checked import last_checked
from tokwatch.sources.agents.claude_code import ClaudeCode
from tokwatch.store import store
from tokwatch.store.calibrations import write_calibrations
from tokwatch.store.connect import open_sqlite
from tokwatch.tokens.calibrated import Calibration, Kind


def ran(world: World, *arguments: str) -> tuple[int, str]:
    """Return the exit code and what was printed."""
    printed = world.run(*arguments)
    return printed.code, printed.out


def test_a_whole_installation_has_nothing_wrong(world: World, home: Path) -> None:
    append(transcript(home), response(1))
    world.run("report", "daily")

    status, out = ran(world, "doctor")

    assert status == 0, out
    assert "1 log in 1 folder, 1 request stored" in out
    assert "every sum equals its events" in out
    assert "deletes transcripts after 30 days" in out
    assert "nothing is wrong" in out


def test_before_the_first_start_there_is_no_store_and_nothing_is_made(
    world: World, home: Path
) -> None:
    status, out = ran(world, "doctor")

    assert status == 0
    assert "there is no store" in out
    assert not (world.data / "tokwatch.db").exists()


def test_a_model_without_a_price_is_a_problem_with_advice(world: World, home: Path) -> None:
    append(transcript(home), response(1, model="never-heard-of-it"))
    world.run("report", "daily")

    status, out = ran(world, "doctor")

    assert status == 1
    assert "never-heard-of-it: no price is known for 1,310 tokens" in out
    assert '[prices.alias] "never-heard-of-it"' in out


def test_sums_that_differ_are_a_problem(world: World, home: Path) -> None:
    append(transcript(home), response(1))
    world.run("report", "daily")
    database = open_sqlite(world.data / "tokwatch.db")
    database.execute("UPDATE quarter SET output = output + 1")
    database.close()

    status, out = ran(world, "doctor")

    assert status == 1
    assert "sum of quarter differs from the events" in out
    assert "tokwatch rebuild" in out


def test_a_damaged_store_is_told_and_left_alone(world: World, home: Path) -> None:
    world.data.mkdir(parents=True)
    (world.data / "tokwatch.db").write_bytes(b"no database at all" * 100)

    status, out = ran(world, "doctor")

    assert status == 1
    assert "tokwatch.db" in out
    assert (world.data / "tokwatch.db").read_bytes() == b"no database at all" * 100


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ('{"cleanupPeriodDays": 365}', "after 365 days"),
        ("{}", "after 30 days"),
        ("{", "cannot be read"),
    ],
)
def test_what_claude_code_deletes_is_told(
    world: World, home: Path, settings: str, told: str
) -> None:
    append(transcript(home), response(1))
    (home / ".claude" / "settings.json").write_text(settings, encoding="utf-8")

    _, out = ran(world, "doctor")

    assert told in out


def test_json_has_the_same_findings(world: World, home: Path) -> None:
    append(transcript(home), response(1, model="never-heard-of-it"))
    world.run("report", "daily")

    status, out = ran(world, "doctor", "--json")

    document = json.loads(out)
    assert status == 1
    assert document["problems"] == 1
    assert {"about", "level", "told", "advice"} == set(document["findings"][0])


def test_sources_lists_places_and_counts(world: World, home: Path) -> None:
    log = transcript(home)
    append(log, response(1), "{broken")
    world.run("report", "daily")

    status, out = ran(world, "sources")

    assert status == 0
    assert f"+ {home / '.claude' / 'projects'}" in out
    assert f"- {home / '.codex' / 'sessions'}  not found" in out
    assert "1 read, 1 request" in out
    assert "! 1 unreadable lines" in out


def test_records_of_an_unknown_shape_are_told_with_their_fields(world: World, home: Path) -> None:
    append(transcript(home), response(1))
    world.run("report", "daily")
    database = open_sqlite(world.data / "tokwatch.db")
    database.execute("UPDATE log SET unknown = 2, sample = 'id, usage'")
    database.close()

    assert "! 2 records of an unknown shape: fields id, usage" in ran(world, "sources")[1]
    told = "2 records of a shape that this version does not know: fields id, usage"
    assert told in ran(world, "doctor")[1]
    [claude, *_] = json.loads(ran(world, "sources", "--json")[1])["sources"]
    assert (claude["unknownRecords"], claude["unknownSample"]) == (2, "id, usage")


def test_sources_as_json(world: World, home: Path) -> None:
    append(transcript(home), response(1))

    _, out = ran(world, "sources", "--json")

    claude = json.loads(out)["sources"][0]
    assert claude["name"] == "claude-code"
    assert claude["files"] == 1
    assert claude["events"] == 0, "nothing was read yet"


def test_logs_that_an_older_parser_read_are_told_until_they_are_read_again(
    world: World, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [transcript(home, name) for name in ("kept", "gone")]
    for number, path in enumerate(paths):
        append(path, response(number))
    world.run("report", "daily")
    monkeypatch.setattr(ClaudeCode, "version", ClaudeCode.version + 1)
    paths[1].unlink()

    before, told = ran(world, "doctor")
    world.run("rebuild", "--logs")
    _, after = ran(world, "doctor")

    assert before == 0
    assert "1 log was read by another version of tokwatch" in told
    assert "another version" not in after


def test_a_store_of_a_newer_tokwatch_is_a_problem_and_still_read(
    world: World, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(transcript(home), response(1))
    before = world.run("report", "daily", "--json")
    monkeypatch.setattr(store, "REVISION", "0000")

    status, out = ran(world, "doctor")
    append(transcript(home), response(2))
    report = world.run("report", "daily", "--json")

    assert status == 1
    assert "it is read, not written" in out
    assert report.json == before.json
    assert "it is read, not written" in report.err
    assert world.run("rebuild").code == 1


@pytest.mark.parametrize("page", range(1, 40, 3))
def test_a_damaged_page_is_told_among_all_other_findings(
    world: World, home: Path, page: int
) -> None:
    append(transcript(home), *(response(number) for number in range(400)))
    world.run("report", "daily")
    store_file = world.data / "tokwatch.db"
    content = bytearray(store_file.read_bytes())
    content[page * 4096 : (page + 1) * 4096] = b"\xff" * 4096
    store_file.write_bytes(content)

    status, out = ran(world, "doctor")

    assert status == 1
    assert "1 log in 1 folder" in out
    assert "!     store: " in out
    assert "problem" in out.splitlines()[-1]


def test_a_place_that_cannot_be_looked_at_is_a_problem(
    world: World, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(transcript(home), response(1))
    shut = transcript(home, project="-home-dev-shut").parent
    scandir = os.scandir

    def refusing(folder: str) -> object:
        if folder == str(shut):
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr("tokwatch.sources.discover.os.scandir", refusing)

    status, out = ran(world, "doctor")
    assert status == 1
    denied = f"Permission denied: {shut.name}"
    assert denied in out
    assert denied in ran(world, "sources")[1]


def test_a_home_that_may_not_be_looked_into_is_told(
    world: World, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = transcript(home).parent.parent
    stat, scandir = os.stat, os.scandir

    def refuse(path: object) -> None:
        if str(path).startswith(str(root)):
            raise PermissionError(13, "Permission denied", str(path))

    def refusing_stat(path: str, **options: bool) -> os.stat_result:
        refuse(path)
        return stat(path, **options)

    def refusing_scandir(folder: str) -> object:
        refuse(folder)
        return scandir(folder)

    monkeypatch.setattr(os, "stat", refusing_stat)
    monkeypatch.setattr(os, "scandir", refusing_scandir)

    status, out = ran(world, "doctor")
    assert status == 1
    assert f"{root}: Permission denied" in out


def test_a_log_that_cannot_be_read_is_a_problem_until_it_can(world: World, home: Path) -> None:
    path = zcode_logs.TOOL.path(home)
    turns(path, zcode_logs.TOOL, 1)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])

    for _ in range(2):  # before it was ever read, and after it could not be
        status, out = ran(world, "doctor")
        assert status == 1
        assert f"{path} cannot be read: SQLite: database disk image is malformed" in out
        assert f"1 log cannot be read: {path}: SQLite: " in ran(world, "sources")[1]
        world.run("report", "daily")
    path.write_bytes(whole)
    world.run("report", "daily")

    assert "cannot be read" not in ran(world, "doctor")[1] + ran(world, "sources")[1]


def test_tools_that_are_not_here_are_one_finding(world: World, home: Path) -> None:
    append(transcript(home), response(1))
    configured('[sources.paths]\ngoose = ["/nowhere/goose"]\n')

    findings = world.run("doctor", "--json").json["findings"]

    [told] = [finding["told"] for finding in findings if finding["about"] == "sources"]
    assert told.startswith("not here: Codex CLI, ")
    assert "Goose" not in told
    assert "Claude Code" not in told
    [goose] = [finding["told"] for finding in findings if finding["about"] == "Goose"]
    assert goose.startswith("none of its folders exists: ")
    assert goose.endswith("/nowhere/goose")


def test_a_source_that_an_endpoint_tells_of_is_not_missed(world: World) -> None:
    configured('[endpoint.proxy]\nkind = "litellm"\nurl = "http://127.0.0.1:9"\n')

    findings = world.run("doctor", "--json").json["findings"]

    [missing] = [finding["told"] for finding in findings if finding["about"] == "sources"]
    assert "LiteLLM" not in missing
    [told] = [finding["told"] for finding in findings if finding["about"] == "LiteLLM"]
    assert told == "0 requests stored, told by endpoint proxy"
    listed = ran(world, "sources")[1].partition("LiteLLM")[2]
    assert "  + endpoint proxy tells requests of it\n  0 logs" in listed


def test_what_is_here_is_listed_first_and_names_of_folders_are_only_text(
    world: World, home: Path
) -> None:
    (home / ".hermes" / "profiles" / "x\x1b[31m").mkdir(parents=True)
    turns(zcode_logs.TOOL.path(home), zcode_logs.TOOL, 1)

    out = ran(world, "sources")[1]

    assert out.startswith("ZCode  [zcode]\n")
    assert f"  + {home / '.hermes' / 'profiles' / 'x?[31m'}\n" in out
    assert "nothing says where its logs lie" in out.partition("LiteLLM")[2][:90]


def test_a_data_folder_that_cannot_be_written_to_is_a_problem(world: World, home: Path) -> None:
    world.data.parent.mkdir(parents=True, exist_ok=True)
    world.data.write_text("a file", encoding="utf-8")

    status, out = ran(world, "doctor")

    assert status == 1
    assert "cannot write to the data folder" in out
    assert "Claude Code" in out, "the other checks go on"


def test_a_mapping_whose_folder_is_not_there_points_to_its_files(world: World) -> None:
    configured(plain())

    findings = world.run("doctor", "--json").json["findings"]

    [told] = [finding for finding in findings if finding["about"] == NAME]
    assert told["told"].startswith("none of its folders exists: ")
    assert told["advice"] == f"Elsewhere? The files of [mapping.{NAME}] say where."


def test_records_that_a_mapping_does_not_fit_point_to_its_trial(world: World, home: Path) -> None:
    configured(plain())
    written(home, spelt({"ts": "2026-08-01T10:00:01Z", "model": "gpt-5.5", "input": "many"}))
    world.run("report", "daily")

    findings = world.run("doctor", "--json").json["findings"]

    [told] = [finding for finding in findings if "of a shape" in finding["told"]]
    assert told["advice"] == f"tokwatch sources test {NAME} FILE says why."


def test_what_was_found_is_kept_for_the_screen(world: World, home: Path) -> None:
    append(transcript(home), response(1, model="never-heard-of-it"))
    world.run("report", "daily")

    ran(world, "doctor")

    kept = last_checked(world.data)
    assert kept is not None
    assert [problem.partition(":")[0] for problem in kept.problems] == ["prices"]
    assert kept.store[-1] == "every sum equals its events"


def test_a_model_whose_tokens_are_counted_badly_is_named(world: World, home: Path) -> None:
    append(transcript(home), response(1))
    world.run("report", "daily")
    before = ran(world, "doctor")[1]
    database = store.open_store("", world.data)
    numbers = (1.2, 70.0, 65, 1, 5, 0.25, 0.4, 0.5, 1_000)
    fit = Calibration("claude-opus-4-8", Kind.PROMPT, "cl100k_base", *numbers)
    write_calibrations(database, 1, "", [fit])
    database.close()

    status, out = ran(world, "doctor")

    assert "not measured on your logs yet" in before
    assert status == 0
    assert "claude-opus-4-8: off by 25% on 65 measurements, above 20%" in out
