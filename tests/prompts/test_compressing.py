"""What one compression comes to: targets in a model's tokens, strategies, summaries put in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tokwatch.compress.levels import Level
from tokwatch.compress.limits import Limits, Strategy
from tokwatch.compress.rewrite import Rewritten, Summary
from tokwatch.config import Config, load
from tokwatch.errors import ConfigError, TokwatchError
from tokwatch.prompts.compressing import Compressed, Order, Press

WORDY = "Please could you make sure to read the file and tell me what it says about it. " * 5
CHAT = json.dumps(
    [
        {"role": "user" if n % 2 == 0 else "assistant", "content": f"Part {n} of it"}
        for n in range(41)
    ]
)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Return settings as they are shipped."""
    return load(None, tmp_path, None, {})


def press(config: Config, text: str = WORDY, order: Order | None = None) -> Press:
    """Return a text that is read and counted."""
    return Press(text, order or Order(), config, {})


def pressed(config: Config, text: str, order: Order) -> Compressed:
    """Return what comes of a text without asking any model."""
    found = press(config, text, order)
    return found.pressed(found.kept())


def test_the_techniques_add_up_to_what_is_gone(config: Config) -> None:
    done = pressed(config, WORDY, Order(reduction=0.4))

    assert sum(saved for _, saved in done.stages) == done.before - done.after > 0


def test_a_level_alone_aims_at_the_usual_share(config: Config) -> None:
    done = pressed(config, WORDY, Order(level=Level.LIGHT))

    assert done.budget == int(done.before * 0.7)


def test_a_strategy_alone_changes_no_word(config: Config) -> None:
    done = pressed(config, CHAT, Order(limits=Limits(messages=5)))

    assert [one["content"] for one in json.loads(done.text)][-2:] == [
        "Part 39 of it",
        "Part 40 of it",
    ]
    assert done.outcome.edits == ()
    assert dict(done.stages).keys() == {"important-first"}


def test_a_summary_takes_a_place_of_the_messages_that_stay(config: Config) -> None:
    found = press(config, CHAT, Order(limits=Limits(messages=7, strategy=Strategy.SUMMARY)))
    kept = found.kept(has_summary=True)
    assert kept is not None

    done = found.summarised(found.pressed(kept), Summary("In short.", kept.dropped, (), ()))

    told = json.loads(done.text)
    assert len(told) <= 7
    assert {"role": "user", "content": "In short."} in told
    assert sum(saved for _, saved in done.stages) == done.before - done.after


@pytest.mark.parametrize(("turns", "way"), [(41, Strategy.SUMMARY), (15, Strategy.IMPORTANT)])
def test_auto_has_long_chats_summarised_only(config: Config, turns: int, way: Strategy) -> None:
    chat = json.dumps(json.loads(CHAT)[:turns])
    order = Order(limits=Limits(messages=4))

    kept = press(config, chat, order).kept(has_summary=True)

    assert kept is not None
    assert kept.strategy is way


def test_a_summary_nobody_writes_is_refused(config: Config) -> None:
    order = Order(limits=Limits(messages=4, strategy=Strategy.SUMMARY))

    with pytest.raises(ConfigError, match="written by a model"):
        press(config, CHAT, order).kept()


@pytest.mark.parametrize(
    ("text", "missing", "words"),
    [("Short.", ("`x`",), "lost 1 of what must stay"), (WORDY * 2, (), "no shorter")],
)
def test_a_rewriting_that_is_worse_is_not_taken(
    config: Config, text: str, missing: tuple[str, ...], words: str
) -> None:
    found = press(config, WORDY, Order(budget=5))
    before = found.pressed(None)

    done = found.rewritten(before, Rewritten(text, missing, ()))

    assert (done.text, done.is_met) == (before.text, False)
    assert words in done.notes[-1]


def test_rules_of_ones_own_are_read_from_their_file(tmp_path: Path) -> None:
    rules = tmp_path / "own.toml"
    rules.write_text('language = "own"\n[low]\n"tell_me_what" = "say what"\n')
    own = load(None, tmp_path, None, {"TOKWATCH_WORKBENCH__RULES": f'["{rules}"]'})

    assert "say what says" in pressed(own, WORDY, Order(reduction=0.5)).text


def test_a_file_of_rules_that_is_not_there_is_named(tmp_path: Path) -> None:
    own = load(None, tmp_path, None, {"TOKWATCH_WORKBENCH__RULES": '["/nowhere/own.toml"]'})

    with pytest.raises(TokwatchError, match=r"/nowhere/own\.toml cannot be read"):
        pressed(own, WORDY, Order())
