"""`tokwatch compress`: exactly the text on standard output, its exit codes, and what it leaves."""

from __future__ import annotations

import gc
import io
import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.reports import Printed, World
from tests.model_server import ModelServer, model_server
from tokwatch.cli.compress import LEVELS, STRATEGIES, add_arguments
from tokwatch.compress import compress
from tokwatch.compress.levels import Level
from tokwatch.compress.limits import Strategy
from tokwatch.model.template import Failure, Run
from tokwatch.prompts.library import runs
from tokwatch.store.read.every import measures, open_view
from tokwatch.store.store import open_existing

WORDY = (
    "Please could you read the file {path}. Make sure to never delete `rm -rf` anything.  \n\n\n"
    "I would like you to list all of the errors that you find in it, step by step.\r\n"
)
Pipe = Callable[..., Printed]


@pytest.fixture
def pipe(world: World, monkeypatch: pytest.MonkeyPatch) -> Pipe:
    """Return what runs the command on a standard input."""

    def run(given: str | bytes, *arguments: str) -> Printed:
        content = given if isinstance(given, bytes) else given.encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        return world.run("compress", *arguments)

    return run


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    """Return a configured model."""
    with model_server() as found:
        monkeypatch.setenv("TOKWATCH_WORKBENCH__GATEWAY", found.url)
        monkeypatch.setenv("TOKWATCH_WORKBENCH__GATEWAY_MODEL", "claude-haiku-4-5")
        monkeypatch.setenv("TOKWATCH_WORKBENCH__GATEWAY_KEY", "SOME_KEY")
        monkeypatch.setenv("SOME_KEY", "sk-secret")
        yield found


def recorded(world: World) -> list[Run]:
    """Return the runs that the store holds."""
    database = open_existing("", world.data)
    assert database is not None
    try:
        return runs(open_view(database, "local"))
    finally:
        database.close()


def chat(turns: int = 30) -> str:
    """Return a chat with a system prompt."""
    told = [{"role": "system", "content": "You are terse."}]
    for turn in range(turns):
        told.append({"role": "user", "content": f"Question {turn} on src/main.py, which is long?"})
        told.append(
            {"role": "assistant", "content": f"Answer {turn}: see src/main.py line {turn}."}
        )
    return json.dumps(told)


def test_standard_output_is_the_text_and_nothing_else(pipe: Pipe) -> None:
    done = pipe(WORDY, "--reduce", "20%")

    assert done.code == 0
    assert done.out == compress(WORDY, reduction=0.2)
    assert "{path}" in done.out
    assert "never" in done.out
    assert "tokens" in done.err


def test_the_page_names_every_option(repository: Path) -> None:
    page = (repository / "docs" / "compress-command.md").read_text("utf-8")
    parser = ArgumentParser()
    add_arguments(parser)
    options = [name for action in parser._actions for name in action.option_strings if name != "-h"]

    assert [name for name in options if name != "--help" and f"`{name}" not in page] == []
    assert tuple(Level) == LEVELS
    assert tuple(Strategy) == STRATEGIES


def test_the_same_text_gives_the_same_result(pipe: Pipe) -> None:
    first, second = (pipe(WORDY, "--reduce", "20%", "--json") for _ in range(2))

    assert first.out == second.out


def test_a_large_text_is_told_to_take_a_while(pipe: Pipe, monkeypatch: pytest.MonkeyPatch) -> None:
    before = pipe(WORDY)
    monkeypatch.setattr("tokwatch.cli.compress.LARGE", 100)
    found = pipe(WORDY)

    assert "takes some seconds" in found.err.splitlines()[0]
    assert "takes some seconds" not in before.err
    assert found.out == before.out
    assert gc.isenabled()


def test_a_missed_target_gives_the_best_effort_and_1(pipe: Pipe) -> None:
    done = pipe(WORDY, "--budget", "3")

    assert done.code == 1
    assert 0 < len(done.out) < len(WORDY)
    assert "over the target of 3" in done.err


def test_a_budget_is_counted_as_the_model_counts(pipe: Pipe) -> None:
    done = pipe(WORDY * 20, "--model", "claude-opus-4-8", "--budget", "2000", "--json")

    told = done.json
    assert told["basis"] == "ratio"
    assert (
        told["tokensBefore"] > pipe(WORDY * 20, "--budget", "2000", "--json").json["tokensBefore"]
    )
    assert told["tokensAfter"] <= told["target"] == 2000


def test_named_stages_run_all_of_them_and_nothing_else(pipe: Pipe) -> None:
    done = pipe("a  \n\n\n\n\nb PLEASE COULD YOU\n", "--stages", "blanks,repeats", "--json")

    assert done.code == 0
    assert [one["name"] for one in done.json["stages"]] == ["blanks", "repeats"]
    assert "PLEASE COULD YOU" in done.json["text"]
    assert done.json["target"] is None


def test_a_way_to_hand_over_a_long_prompt_stands_for_its_stages(pipe: Pipe) -> None:
    done = pipe(WORDY, "--stages", "progressive-disclosure", "--json")

    names = [one["name"] for one in done.json["stages"]]
    assert (names[0], names[-2:]) == ("terminal", ["outline", "phrases"])


def test_what_is_to_be_kept_stays(pipe: Pipe) -> None:
    kept = pipe(WORDY, "--reduce", "20%", "--keep", "Please could you")

    assert "Please could you" in kept.out
    assert "Please could you" not in pipe(WORDY, "--reduce", "20%").out


def test_a_question_extracts_what_answers_it(pipe: Pipe) -> None:
    hay = "".join(f"The shop in street {n} sells apples and pears all year.\n" for n in range(80))
    text = f"{hay}The lease of the mill ends in March 2031.\n{hay}"

    done = pipe(text, "--question", "When does the lease end?", "--budget", "60")

    assert done.code == 0
    assert "March 2031" in done.out


def test_explaining_names_stages_and_what_is_gone(pipe: Pipe) -> None:
    done = pipe(chat(), "--strategy", "sliding-window", "--max-messages", "5", "--explain")

    assert "removed messages: 2-5" in done.err
    assert "gone, numbers" in done.err
    assert "retention" in done.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--reduce", "130%"], "not between"),
        (["--reduce", "x"], "no share"),
        (["--budget", "0"], "no whole number"),
        (["--stages", "blnks"], "Did you mean blanks?"),
        (["--stages", ","], "names none"),
        (["--keep", "("], "no regular expression"),
        (["--strategy", "summary"], "--summarise"),
        (["--summarise", "--strategy", "sliding-window"], "goes with summary"),
        (["--summarise"], "No model is configured"),
        (["--originals", "x"], "--summarise"),
        (["--rewrite", "--strategy", "auto"], "plain text"),
        (["--max-tokens", "10", "--reserve", "10"], "leaves nothing"),
    ],
)
def test_a_wrong_option_is_told_with_2(pipe: Pipe, arguments: list[str], words: str) -> None:
    done = pipe(chat(), *arguments)

    assert (done.code, done.out) == (2, "")
    assert words in done.err


@pytest.mark.parametrize(
    "arguments", [["--budget", "5", "--reduce", "30%"], ["--level", "all"], ["--strategy", "x"]]
)
def test_options_that_do_not_exist_end_with_2(pipe: Pipe, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        pipe(chat(), *arguments)

    assert left.value.code == 2


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (b"\x7fELF\x02\x01\x01\x00\x00\x00" * 50, "no text"),
        (
            b"first line\nand a second one: abc \xed\xa0\x80 def",
            "line 2 holds bytes that are no character",
        ),
        (b'[{"role": "user", "content": "half \\ud800"}]', "half of a character"),
    ],
)
def test_what_is_no_text_is_told_in_a_line(pipe: Pipe, given: bytes, words: str) -> None:
    done = pipe(given)

    assert (done.code, done.out) == (1, "")
    assert words in done.err
    assert "bug" not in done.err


def test_a_broken_chat_is_plain_text_and_no_chat(pipe: Pipe) -> None:
    broken = '[{"role": "user", "content": "hi"},'

    assert "is no JSON" in pipe(broken).err
    assert pipe(broken).out == broken
    refused = pipe(broken, "--strategy", "auto")
    assert (refused.code, refused.out) == (1, "")
    assert "looks like a chat, but is no JSON" in refused.err


def test_ten_megabytes_of_one_letter_come_through(pipe: Pipe) -> None:
    done = pipe("a" * 10_000_000, "--stages", "blanks")

    assert (done.code, len(done.out)) == (0, 10_000_000)


def test_an_empty_text_stays_empty(pipe: Pipe) -> None:
    assert (pipe("").code, pipe("").out) == (0, "")


@pytest.mark.parametrize("strategy", ["auto", "sliding-window", "important-first"])
def test_a_strategy_says_what_stays_and_goes(pipe: Pipe, strategy: str) -> None:
    done = pipe(chat(), "--strategy", strategy, "--max-messages", "7")

    told: list[dict[str, Any]] = json.loads(done.out)
    assert done.code == 0
    assert len(told) <= 7
    assert told[0]["role"] == "system"
    assert told[1]["content"].startswith("Question 0") is (strategy != "sliding-window")
    assert told[-1]["content"].startswith("Answer 29")
    assert f"{len(told)} messages kept, {61 - len(told)} removed" in done.err


def test_limits_in_tokens_hold_and_a_level_shortens_further(pipe: Pipe) -> None:
    limits = ("--max-tokens", "400", "--reserve", "100")

    cut = pipe(chat(), "--strategy", "important-first", *limits, "--json").json
    shorter = pipe(chat(), *limits, "--level", "light", "--json").json

    assert cut["tokensAfter"] <= 300
    assert cut["target"] is None
    assert (shorter["target"], shorter["isMet"]) == (300, True)


def test_what_must_stay_over_the_limit_is_told_with_1(pipe: Pipe) -> None:
    done = pipe(chat(), "--strategy", "sliding-window", "--max-tokens", "5")

    assert done.code == 1
    assert "over the limit" in done.err


def test_a_run_leaves_a_record_without_a_word_of_the_text(pipe: Pipe, world: World) -> None:
    pipe(f"Please could you find zanzibar. {WORDY}", "--reduce", "20%")
    pipe(WORDY, "--budget", "3")

    first, second = recorded(world)
    assert (first.failure, second.failure) == (Failure.NONE, Failure.MISSED)
    assert first.before > first.after
    assert first.accepted > 0
    assert dict(first.stages)["phrases"] > 0
    assert second.budget == 3
    for file in world.data.iterdir():
        if file.is_file():
            assert b"zanzibar" not in file.read_bytes()


def test_each_run_is_an_outcome_that_alerts_look_at(pipe: Pipe, world: World) -> None:
    pipe(WORDY, "--reduce", "20%")
    pipe(WORDY, "--budget", "3")
    database = open_existing("", world.data)
    assert database is not None

    told = measures(open_view(database, "local"), "optimisation")

    database.close()
    assert [one.value for one in told] == [1.0, 0.0]


def test_records_can_be_switched_off(
    pipe: Pipe, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKWATCH_WORKBENCH__RECORD", "false")

    pipe(WORDY)

    assert not (world.data / "tokwatch.db").exists()


def test_a_store_that_cannot_be_written_stands_in_nobodys_way(
    pipe: Pipe, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKWATCH_STORE__URL", f"sqlite:///{world.data / 'a' / 'folder.db'}")
    (world.data / "a").mkdir(parents=True)
    (world.data / "a" / "folder.db").mkdir()

    done = pipe(WORDY, "--reduce", "20%")

    assert done.code == 0
    assert done.out == compress(WORDY, reduction=0.2)
    assert "is not recorded" in done.err


def test_a_summary_stands_for_what_left_and_the_originals_can_be_opened(
    pipe: Pipe, world: World, server: ModelServer, tmp_path: Path
) -> None:
    server.anthropic("They asked thirty questions.", sent=1_000, written=100)
    originals = tmp_path / "originals.json"

    done = pipe(chat(), "--summarise", "--max-messages", "6", "--originals", str(originals))

    told = json.loads(done.out)
    summary = next(one for one in told if "Summary of" in one["content"])
    assert done.code == 0
    assert "They asked thirty questions." in summary["content"]
    assert summary["content"].endswith("Files: src/main.py")
    assert len(json.loads(originals.read_text())) == 61 - len(told) + 1
    assert "This sends" in done.err
    assert "1,000 tokens in, 100 out: $0.0015" in done.err
    assert "sk-secret" not in done.err
    assert recorded(world)[0].summary_nano == 1_500_000
    assert len(server.got) == 1


def test_without_the_option_nothing_is_sent(pipe: Pipe, server: ModelServer) -> None:
    pipe(chat(), "--strategy", "auto", "--max-messages", "6")
    pipe(WORDY, "--budget", "3")

    assert server.got == []


def test_a_chat_that_fits_needs_no_summary(pipe: Pipe, server: ModelServer) -> None:
    done = pipe(chat(), "--summarise", "--max-messages", "100")

    assert (done.code, done.out, server.got) == (0, chat(), [])


def test_a_model_that_fails_leaves_the_best_effort_and_1(
    pipe: Pipe, world: World, server: ModelServer
) -> None:
    server.status = 429

    done = pipe(chat(), "--summarise", "--max-messages", "6")

    assert done.code == 1
    assert len(json.loads(done.out)) <= 6
    assert "too many requests" in done.err
    assert recorded(world)[0].failure is Failure.ERROR


def test_a_rewriting_is_taken_where_it_keeps_what_must_stay(
    pipe: Pipe, server: ModelServer
) -> None:
    server.anthropic("List errors in {path}; never `rm -rf`.")

    done = pipe(WORDY, "--budget", "20", "--rewrite")

    assert (done.code, done.out) == (0, "List errors in {path}; never `rm -rf`.")


def test_a_rewriting_that_lost_something_is_refused(
    pipe: Pipe, world: World, server: ModelServer
) -> None:
    server.anthropic("List the errors.")

    done = pipe(WORDY, "--budget", "20", "--rewrite")

    assert done.code == 1
    assert "{path}" in done.out
    assert "it is not taken" in done.err
    assert recorded(world)[0].failure is Failure.LOST
