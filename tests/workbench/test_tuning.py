"""What of the stages can be set, and what the settings bring: rules, a model's folder."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from msgspec.structs import replace

from tests.workbench.benches import WORDY, WordMeter, desk
from tokwatch.compress.levels import WAYS
from tokwatch.config import load
from tokwatch.errors import TokwatchError
from tokwatch.workbench import tuning
from tokwatch.workbench.meter import Meter
from tokwatch.workbench.state import Bench, Target
from tokwatch.workbench.tuning import LINGUA, Given, given_by, knobs_of, lacking_lingua, patterns_of
from tokwatch.workbench.work import Desk

ALL = Target(None, None)
SHOTS = "".join(f"Example {n}\nInput: word {n}\nOutput: {n}\n\n" for n in range(1, 7))


def test_examples_stay_as_many_as_are_set() -> None:
    knob = next(one for one in knobs_of("examples"))
    counts = []
    for typed in ("1", "4"):
        bench = Bench(SHOTS, target=ALL).tuned({knob.name: knob.taken(typed)})
        counts.append(desk().worked(bench).text.count("Example"))
    assert counts == [1, 4]


LONG = [f"a longer line number {n} that is repeated in the text later on again" for n in range(3)]
NUMBERED = "".join(f"{n:>6}\tline {n}\n" for n in range(1, 40))


@pytest.mark.parametrize(
    ("name", "stage", "text", "values"),
    [
        (
            "every_number",
            "line-numbers",
            "".join(f"{n:>6}\tline {n}\n" for n in range(1, 40)),
            (10, 20),
        ),
        ("repeated_lines", "duplicates", "\n".join([*LONG, "", "others", "", *LONG]), (4, 3)),
    ],
)
def test_a_constant_of_a_stage_can_be_set(
    name: str, stage: str, text: str, values: tuple[int, int]
) -> None:
    saved = []
    for value in values:
        worked = desk().worked(Bench(text, target=ALL).tuned({name: value}))
        saved += [one.saved for one in worked.stages if one.name == stage]
    assert saved[0] < saved[1]


@pytest.mark.parametrize(("stage", "typed"), [("examples", "many"), ("phrases", "klingon")])
def test_what_cannot_be_set_is_told(stage: str, typed: str) -> None:
    knob = knobs_of(stage)[0]
    with pytest.raises(TokwatchError, match=typed):
        knob.taken(typed)


def test_patterns_of_what_must_stay_are_checked() -> None:
    assert patterns_of(r"ERR-\d+ deadline") == (r"ERR-\d+", "deadline")
    with pytest.raises(TokwatchError, match="no pattern"):
        patterns_of("(open")


def test_a_way_is_a_set_of_stages_in_its_order() -> None:
    bench = Bench(WORDY).by_way("progressive-disclosure")
    on = [one.name for one in bench.stages if one.is_on]
    assert tuple(on) == WAYS["progressive-disclosure"]
    assert bench.way == "progressive-disclosure"
    assert bench.switched("json").way == ""


def test_rules_of_the_users_own_shorten_on_the_screen_too(tmp_path: Path) -> None:
    rules, file = tmp_path / "own.toml", tmp_path / "config.toml"
    rules.write_text('language = "en"\n[low]\n"kindly_make" = "brew"\n')
    file.write_text(f'[workbench]\nrules = ["{rules}"]\n')
    config = load(file, tmp_path, environ={})
    one = Desk(lambda model: cast(Meter, WordMeter(model)), lambda: given_by(config))
    made = one.worked(Bench("Ann and Bo kindly make tea.\n", target=ALL)).text
    assert made == "Ann and Bo brew tea.\n"
    rules.unlink()
    with pytest.raises(TokwatchError, match="cannot be read"):
        given_by(config)


def test_a_stage_that_lacks_its_model_says_what_and_never_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacking(lingua: str) -> str:
        file = tmp_path / "config.toml"
        file.write_text(f'[workbench]\nlingua = "{lingua}"\n')
        return lacking_lingua(load(file, tmp_path, environ={}))

    assert "lingua folder" in lacking("")
    assert "not there" in lacking(str(tmp_path / "none"))
    monkeypatch.setattr(tuning, "find_spec", lambda name: None)
    assert lacking(str(tmp_path)) == "pip install 'tokwatch[lingua]'"
    monkeypatch.setattr(tuning, "find_spec", lambda name: name)
    assert lacking(str(tmp_path)) == ""
    bench = replace(Bench(WORDY, target=ALL).switched(LINGUA))
    assert {one.name for one in bench.stages if one.is_on} >= {LINGUA}
    worked = desk().worked(bench)
    assert not next(one for one in worked.stages if one.name == LINGUA).is_run
    able = Desk(lambda model: cast(Meter, WordMeter(model)), lambda: Given(lacking=""))
    with pytest.raises(TokwatchError, match="LLMLingua-2"):
        able.worked(bench)
