"""`tokwatch suggestions` and `tokwatch report savings`: listed, answered, and what came of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.store.test_suggestions import AT_MS, ONE, TWO
from tokwatch.cli import main
from tokwatch.cli.suggestions_text import lines, savings_lines
from tokwatch.model.suggestion import SuggestionState, TriggerCount
from tokwatch.store.store import open_store, workspace_id
from tokwatch.store.suggestions import answer, write_suggestions, write_triggers


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a data folder in whose store two suggestions are kept."""
    monkeypatch.setenv("TOKWATCH_CONFIG", str(tmp_path / "config.toml"))
    (tmp_path / "config.toml").write_text('[general]\ntimezone = "UTC"\n', "utf-8")
    folder = tmp_path / "data"
    database = open_store("", folder)
    workspace = workspace_id(database, "local") or 0
    write_suggestions(database, workspace, [ONE, TWO], AT_MS)
    write_triggers(database, workspace, [TriggerCount("high cost", 1, AT_MS, 9.0, 2.0, True)])
    database.close()
    return folder


def ran(data: Path, *arguments: str) -> int:
    """Run the command on what was found last."""
    return main(["--data", str(data), *arguments])


def test_the_list_has_savings_evidence_steps_and_triggers(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(data, "suggestions", "--no-refresh") == 0

    told = capsys.readouterr().out
    assert "$9.00/month (25% of its slice)  cap it" in told
    assert "warning, nudge; confidence high, risk low; 40 requests" in told
    assert "also seen by: heavy-results" in told
    assert "not together with what is better: x" in told
    assert "estimate cut to 50%" in told
    assert "      - this" in told
    assert "$14.00 a month in all" in told
    assert "trigger high cost: holds ($9.00 a day against $2.00 a day), fired 1 time" in told


def test_json_has_everything_that_is_known(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(data, "suggestions", "--no-refresh", "--json") == 0

    told = json.loads(capsys.readouterr().out)
    (one, _) = told["suggestions"]
    assert (one["kind"], one["class"], one["state"]) == ("shell-cap", "nudge", "new")
    assert (one["savingUsdMonth"], one["countedUsdMonth"]) == (9.0, 7.0)
    assert one["events"] == [3, 1]
    assert told["totals"] == {"savingUsdMonth": 14.0}
    assert told["triggers"][0]["name"] == "high cost"


def test_an_answer_moves_it_out_of_the_list(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(data, "suggestions", "dismiss", "1") == 0
    assert ran(data, "suggestions", "accept", "2") == 0
    assert "Suggestion 2 is accepted; what it promised is watched." in capsys.readouterr().out

    ran(data, "suggestions", "--no-refresh", "--json")
    assert [one["id"] for one in json.loads(capsys.readouterr().out)["suggestions"]] == [2]
    ran(data, "suggestions", "--no-refresh", "--json", "--all")
    assert len(json.loads(capsys.readouterr().out)["suggestions"]) == 2
    assert ran(data, "suggestions", "done", "99") == 1
    assert "there is no suggestion 99" in capsys.readouterr().err


def test_what_came_of_it_is_reported(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(data, "report", "savings", "--no-refresh") == 0
    assert "No suggestion was followed yet" in capsys.readouterr().out
    database = open_store("", data)
    answer(database, 1, 1, SuggestionState.ACCEPTED, AT_MS)
    database.execute("UPDATE suggestion SET realised_nano = 8000000000, verdict = 'worked'")
    database.close()

    ran(data, "report", "savings", "--no-refresh")
    told = capsys.readouterr().out
    assert "worked            $9.00        $8.00  cap it" in told
    ran(data, "report", "savings", "--no-refresh", "--json")
    totals = json.loads(capsys.readouterr().out)["totals"]
    # Of its 9 dollars 2 are another one's: of what came of it as large a part is counted.
    assert totals == {"promisedUsdMonth": 7.0, "realisedUsdMonth": 6.222222222}
    assert "Total             $7.00        $6.22" in told
    assert ran(data, "report", "savings", "--since", "2026-01-01") == 2
    ran(data, "report", "savings", "--no-refresh", "--csv")
    assert "totals,,realisedUsdMonth,6.222222222" in capsys.readouterr().out
    ran(data, "report", "savings", "--no-refresh", "--md")
    assert "| cap it | worked | $9.00 | $8.00 |" in capsys.readouterr().out

    ran(data, "suggestions", "dismiss", "1")
    ran(data, "report", "savings", "--no-refresh")
    told = capsys.readouterr().out
    assert "cap it  [dismissed since]" in told
    assert "Total             $0.00        $0.00" in told
    ran(data, "suggestions", "reopen", "1")
    ran(data, "report", "savings", "--no-refresh")
    assert "No suggestion was followed yet" in capsys.readouterr().out


def test_nothing_found_is_said_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert list(lines([], [])) == ["No suggestion: nothing was found that is worth the change."]
    use = TriggerCount("high use", 0, 0, 0.0, 2e6, False)
    assert "no request in this time" in next(iter(lines([], [use])))
    assert "no trigger holds" in next(iter(lines([], [replace(use, value=5.0)])))
    assert "worth the change" in next(iter(lines([], [replace(use, value=3e6, is_on=True)])))
    assert "accept ID" in next(iter(savings_lines([])))
    assert main(["--data", str(tmp_path), "suggestions", "--no-refresh"]) == 0
    assert main(["--data", str(tmp_path), "suggestions", "--days", "0"]) == 2
