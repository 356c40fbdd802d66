"""The library as the screen and the commands use it: which wording fits, files, what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tokwatch.config import Config, load
from tokwatch.errors import ConfigError, TokwatchError
from tokwatch.model.template import Draft, Failure, Run, Variant, failure_of
from tokwatch.prompts.library import (
    exported,
    record_run,
    remove,
    retag,
    runs,
    save,
    take_in,
    template_text,
    templates,
    tidy_tags,
    use,
)
from tokwatch.prompts.template_file import read_template
from tokwatch.store.store import open_store
from tokwatch.store.view import View, open_view

DRAFT = Draft("the whole text", "terse", "", 30, 10, 2_000, ("phrases",))


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Return settings on an empty data folder."""
    return load(None, tmp_path / "data", None, {})


@pytest.fixture
def view(config: Config) -> Iterator[View]:
    """Return a view of a new store."""
    database = open_store("", config.data)
    database.execute("INSERT INTO workspace (id, name) VALUES (1, 'local')")
    yield open_view(database, "local")
    database.close()


@pytest.mark.parametrize(
    ("context", "variant", "text"),
    [
        (0, None, DRAFT.detailed),
        (1_999, None, DRAFT.detailed),
        (2_000, None, DRAFT.terse),
        (90_000, Variant.DETAILED, DRAFT.detailed),
        (0, Variant.TERSE, DRAFT.terse),
    ],
)
def test_the_more_context_is_there_the_terser_it_is(
    config: Config, context: int, variant: Variant | None, text: str
) -> None:
    save(config, "t", DRAFT, 1)

    assert use(config, "t", 2, context_tokens=context, variant=variant).text == text


def test_one_wording_is_taken_whatever_is_asked_for(config: Config) -> None:
    save(config, "t", Draft("only this"), 1)

    used = use(config, "t", 2, context_tokens=9_000, variant=Variant.TERSE)

    assert (used.text, used.variant, used.why) == (
        "only this",
        Variant.DETAILED,
        "it has no terse wording",
    )


def test_uses_are_counted(config: Config, view: View) -> None:
    save(config, "t", DRAFT, 1, ["Code", "code ", "review"])
    for at_ms in (5, 6):
        use(config, "t", at_ms)

    (found,) = templates(view)
    assert (found.uses, found.used_ms, found.tags) == (2, 6, ("code", "review"))
    assert templates(view, "review") == [found]
    assert templates(view, "other") == []


def test_an_older_version_can_be_used(config: Config) -> None:
    save(config, "t", Draft("first"), 1)
    save(config, "t", Draft("second"), 2)

    assert use(config, "t", 3).text == "second"
    assert use(config, "t", 3, version=1).text == "first"
    with pytest.raises(TokwatchError, match="with a version 3"):
        use(config, "t", 3, version=3)


def test_what_is_not_there_is_told(config: Config) -> None:
    with pytest.raises(TokwatchError, match="no template 'x'"):
        use(config, "x", 1)
    assert not remove(config, "x")
    assert not retag(config, "x", ["a"])


@pytest.mark.parametrize(
    "name", ["", " ", "../up", "a/b", "a\\b", ".hidden", "c:d", "x" * 81, "\x00"]
)
def test_a_name_is_one_that_a_file_can_have(config: Config, name: str) -> None:
    with pytest.raises(ConfigError, match="cannot be the name"):
        save(config, name, DRAFT, 1)


@pytest.mark.parametrize("text", ["", " \n", "a\x00b", "half \ud800", "x" * 4_000_001])
def test_what_cannot_be_kept_is_refused(config: Config, text: str) -> None:
    with pytest.raises(TokwatchError):
        save(config, "t", Draft(text), 1)


def test_a_tag_has_no_comma() -> None:
    with pytest.raises(ConfigError, match="no tag"):
        tidy_tags(["a,b"])


def test_a_file_carries_all_versions_to_another_library(
    config: Config, view: View, tmp_path: Path
) -> None:
    save(config, "t", Draft("first ünï"), 1, ["tag"])
    save(config, "t", DRAFT, 2)
    file = read_template(exported(view, "t") or "")
    assert file is not None
    other = load(None, tmp_path / "other", None, {})

    assert take_in(other, None, file) == 2
    assert take_in(config, view, file) == 0

    assert use(other, "t", 3, version=1).text == "first ünï"
    assert use(other, "t", 3).text == DRAFT.detailed
    assert exported(view, "nothing") is None
    found = template_text(view, "t", 2)
    assert found is not None
    assert found.version.stages == ("phrases",)


@pytest.mark.parametrize(
    "broken",
    [
        '{"tokwatchTemplate": 1',
        '{"tokwatchTemplate": 1, "name": "x"}',
        '{"tokwatchTemplate": 1, "name": 3, "versions": [{"detailed": "x"}]}',
        '{"tokwatchTemplate": 1, "name": "x", "versions": []}',
        '{"tokwatchTemplate": 1, "name": "x", "versions": [{"detailed": 5}]}',
        '{"tokwatchTemplate": 1, "name": "x", "versions": [{"detailed": "a", "savedMs": -1}]}',
        '{"tokwatchTemplate": 1, "name": "x", "versions": [[]]}',
    ],
)
def test_a_broken_file_is_told(broken: str) -> None:
    with pytest.raises(TokwatchError, match="it is broken"):
        read_template(broken)


def test_a_newer_file_is_told_and_any_other_text_is_none() -> None:
    with pytest.raises(TokwatchError, match="newer tokwatch"):
        read_template(json.dumps({"tokwatchTemplate": 2}))
    assert read_template("# A prompt\nDo this.") is None
    assert read_template('["tokwatchTemplate"]') is None


def test_a_record_does_not_wait_for_an_older_store(config: Config, view: View) -> None:
    run = Run(1, "compress", "", (), 3, 2, None, 1, 0, 5)
    assert record_run(config, run)
    view.database.execute("UPDATE alembic_version SET version_num = '0001'")

    with pytest.raises(TokwatchError, match="an older one"):
        record_run(config, run)

    assert len(runs(view)) == 1


@pytest.mark.parametrize(
    ("is_met", "accepted", "rejected", "is_lost", "is_error", "failure"),
    [
        (True, 3, 0, False, False, Failure.NONE),
        (True, 3, 2, False, False, Failure.NONE),
        (False, 3, 0, False, False, Failure.MISSED),
        (False, 0, 3, False, False, Failure.REJECTED),
        (True, 3, 0, True, False, Failure.LOST),
        (True, 3, 0, True, True, Failure.ERROR),
    ],
)
def test_a_run_fails_for_the_gravest_reason(
    is_met: bool, accepted: int, rejected: int, is_lost: bool, is_error: bool, failure: Failure
) -> None:
    found = failure_of(
        is_met=is_met, accepted=accepted, rejected=rejected, is_lost=is_lost, is_error=is_error
    )

    assert found is failure
