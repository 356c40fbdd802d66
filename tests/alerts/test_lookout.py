"""What is looked for and found in a real store, measure by measure."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.alerts.desk import MINUTE_MS, START_MS, Desk, watched
from tests.store import made_detail
from tests.store.build import Made, build
from tokwatch.config.measures import MEASURES
from tokwatch.model.detail import Detail, Incident, Part, Turn
from tokwatch.model.endpoint import EndpointState, PollState
from tokwatch.model.limits import PLAN_LIMIT
from tokwatch.model.measure import Measure
from tokwatch.model.snapshot import SourceMode, SourceStatus
from tokwatch.model.units import DAY_MS, NANO, QUARTER_MS
from tokwatch.store import view as store_view
from tokwatch.store.calibrations import write_calibrations
from tokwatch.store.endpoints import write_state
from tokwatch.store.measures import add_measures
from tokwatch.store.read.every import open_alerts
from tokwatch.store.view import MOST_NAMED
from tokwatch.tokens.calibrated import Calibration, Kind


def test_every_measure_is_read(desk: Desk) -> None:
    build(desk.database, [Made(START_MS)])
    rounds = desk.rounds()
    readings = rounds._lookout.look(desk.view, START_MS)
    rounds.close()

    told = {name for some in readings.values() for one in some for name in one.values}
    kinds = {one.kind for one in MEASURES.values()}
    assert set(readings) == kinds
    expected = {name for name, one in MEASURES.items() if readings[one.kind]}
    assert told == expected


def test_an_hour_of_requests_is_known_at_the_first_look_and_a_new_one_at_the_next(
    desk: Desk,
) -> None:
    made = [Made(START_MS - minutes * MINUTE_MS) for minutes in (61, 59, 45, 30, 16, 15, 0)]
    build(desk.database, [*made, Made(START_MS + 1_000)])
    rounds = desk.rounds()
    lookout = rounds._lookout

    lookout.look(desk.view, START_MS)
    assert len(lookout.recent.requests) == 6
    lookout.look(desk.view, START_MS + 10_000)
    assert len(lookout.recent.requests) == 7
    rounds.close()


def test_what_each_of_many_sessions_has_cost_is_known(desk: Desk) -> None:
    names = [f"s{number}" for number in range(2 * MOST_NAMED + 3)]
    build(desk.database, [Made(START_MS, session=name, computed_nano=NANO) for name in names])
    rounds = desk.rounds()
    rounds._lookout.look(desk.view, START_MS)
    tracks = rounds._lookout.sessions.tracks
    rounds.close()

    assert {key[1]: track.total.nano for key, track in tracks.items()} == dict.fromkeys(names, NANO)


def test_a_session_above_ten_dollars_is_found_and_lands_on_its_message(desk: Desk) -> None:
    made = [Made(START_MS - 1000 * place, computed_nano=NANO) for place in range(11)]

    alert = watched(desk, made)["session-cost"]

    assert alert.subject == "session claude-code/s1"
    assert alert.title == "session cost $11.00 (above $10.00) · s1 · shop"
    assert alert.events[0] == 1  # the newest


def test_ten_dollars_are_none(desk: Desk) -> None:
    made = [Made(START_MS - 1000 * place, computed_nano=NANO) for place in range(10)]

    assert "session-cost" not in watched(desk, made)


def test_a_model_without_a_price_is_found(desk: Desk) -> None:
    found = watched(desk, [Made(START_MS, model="odd", computed_nano=None), Made(START_MS)])

    assert found["unpriced-model"].title == "tokens without a price 1.05k tokens · odd"
    assert found["unpriced-model"].events == (1,)


def test_a_full_context_is_found_by_the_window_that_the_log_tells(desk: Desk) -> None:
    full = Made(START_MS, cache_read=85_900, window=100_000)

    found = watched(desk, [full])

    assert found["context-full"].value == pytest.approx(0.861)
    assert "context-high" not in found


@pytest.mark.parametrize(("asked", "is_full"), [("sonnet", True), ("sonnet[1m]", False)])
def test_what_fills_the_usual_window_does_not_fill_the_one_that_settings_ask_for(
    desk: Desk, tmp_path: Path, asked: str, is_full: bool
) -> None:
    folder = tmp_path / ".claude"
    folder.mkdir()
    folder.joinpath("settings.json").write_text(f'{{"model": "{asked}"}}')
    log = str(folder / "projects" / "app" / "s1.jsonl")
    full = Made(START_MS, model="claude-sonnet-4-5", cache_read=185_000, path=log)

    assert ("context-full" in watched(desk, [full])) is is_full


def test_a_source_that_cannot_be_read_is_found(desk: Desk) -> None:
    desk.states = [SourceStatus("codex", "Codex CLI", SourceMode.ERROR, error="/x: denied")]

    found = watched(desk, [Made(START_MS)])

    assert found["source-failing"].title == "source cannot be read · Codex CLI: /x: denied"


def test_an_endpoint_that_is_left_alone_is_found_and_one_that_only_stumbled_is_not(
    desk: Desk,
) -> None:
    names = ("bill", "blip", "resting", "off", "gone")
    desk.settings = "".join(
        f'[endpoint.{name}]\nkind = "ollama"\non = {str(name != "off").lower()}\n'
        for name in names[:-1]
    )
    for name in names:
        part = EndpointState(name, "loaded", "ollama", PollState.OPEN, 1, "status 401")
        if name == "blip":
            part = replace(part, state=PollState.CLOSED)
        with desk.database.transaction():
            write_state(desk.database, 1, replace(part, paused=name == "resting"))
            write_state(desk.database, 1, EndpointState(name, "other"))

    found = watched(desk, [Made(START_MS)])

    assert found["endpoint-failing"].title == "endpoint fails · bill: loaded: status 401"
    assert found["endpoint-failing"].subject == "endpoint bill"
    subjects = [one.subject for one in open_alerts(desk.view) if one.subject.startswith("endpoint")]
    assert subjects == ["endpoint bill"]


def test_a_source_in_daily_use_that_is_silent_is_found(desk: Desk) -> None:
    day_ms = 96 * QUARTER_MS
    made = [Made(START_MS - (5 + day) * day_ms) for day in range(6)]
    last = datetime.fromtimestamp((START_MS - 5 * day_ms) / 1000, UTC)
    silent = SourceStatus("claude-code", "Claude Code", SourceMode.LIVE, last_event=last)
    rare = SourceStatus("codex", "Codex", SourceMode.LIVE, last_event=last)
    desk.states = [silent, rare]

    found = watched(desk, made)

    assert found["source-silent"].subject == "source claude-code"
    assert len(desk.now()) == 1


def test_a_loop_and_a_runaway_are_found_in_the_conversation(desk: Desk) -> None:
    made = [Made(START_MS - 1000 * (110 - place), computed_nano=NANO // 10) for place in range(110)]
    build(desk.database, made)
    calls = tuple(
        made_detail.block(number, START_MS - 1000, part=Part.TOOL_CALL, tool="Bash", digest=5,
                          request=100 + number)
        for number in range(7)
    )  # fmt: skip
    begin_ms = START_MS - 1000 * 110
    turn = Turn(0, "", begin_ms, START_MS, 110, 7, interrupted=False)
    made_detail.write(desk.database, "/logs/a.jsonl", Detail(blocks=calls, turns=(turn,)))
    rounds = desk.rounds()
    desk.after(MINUTE_MS, rounds)
    rounds.close()
    found = desk.now()

    assert found["tool-loop"].value == 7
    assert found["tool-loop"].events == (106,)
    assert found["runaway"].value == 110


def test_the_turns_of_many_sessions_are_known(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_view, "MOST_NAMED", 1)
    names = ("s1", "s2", "s3")
    build(
        desk.database,
        [Made(START_MS, session=name, path=f"/logs/{name}.jsonl") for name in names],
        logs=[{"path": f"/logs/{name}.jsonl", "session": name} for name in names],
    )
    turn = Turn(0, "", START_MS - 5_000, START_MS, 7, 0, interrupted=False)
    for name in names:
        made_detail.write(desk.database, f"/logs/{name}.jsonl", Detail(turns=(turn,)))
    rounds = desk.rounds()
    rounds._lookout.look(desk.view, START_MS)
    tracks = rounds._lookout.sessions.tracks
    rounds.close()

    assert {key[1]: track.turn.requests for key, track in tracks.items()} == dict.fromkeys(names, 7)


def test_a_turn_that_ended_a_while_ago_begins_the_count_anew(desk: Desk) -> None:
    made = [Made(START_MS - 1000 * (110 - place), computed_nano=NANO // 10) for place in range(110)]
    build(desk.database, made)
    old = Turn(0, "", START_MS - 200_000, START_MS - 9_000, 105, 0, interrupted=False)
    new = Turn(1, "", START_MS - 5_000, START_MS, 5, 0, interrupted=False)
    made_detail.write(desk.database, "/logs/a.jsonl", Detail(turns=(old, new)))
    rounds = desk.rounds()
    desk.after(MINUTE_MS, rounds)
    rounds.close()

    assert "runaway" not in desk.now()


def test_failures_and_rate_limits_are_found_where_the_logs_tell_them(desk: Desk) -> None:
    build(desk.database, [Made(START_MS - 1000 * place) for place in range(20)])
    failed = tuple(
        Incident(START_MS - 500 - place, "", kind, 0, 0, 60 + place)
        for place, kind in enumerate(("server", "server", "rate limit", "interrupted"))
    )
    made_detail.write(desk.database, "/logs/a.jsonl", Detail(incidents=failed))
    rounds = desk.rounds()
    desk.after(MINUTE_MS, rounds)
    rounds.close()
    found = desk.now()

    assert found["error-rate"].value == pytest.approx(2 / 22)
    assert found["rate-limit"].value == 1
    assert found["rate-limit"].events == (1,)  # the request after it


def test_a_budget_is_watched_at_each_of_its_marks(desk: Desk) -> None:
    desk.settings = '[budget.daily]\nusd = 10\nper = "day"\n'

    found = watched(desk, [Made(START_MS - 1, computed_nano=int(9.5 * NANO))])

    assert found["budget-90"].value == pytest.approx(0.95)
    assert not {"budget-50", "budget-80", "budget-100"} & set(found)


def test_a_measure_of_ones_own_is_watched(desk: Desk) -> None:
    desk.settings = '[alerts.rules.mine]\nwhen = "measure.score < 0.5"\nseverity = "critical"\n'
    build(desk.database, [Made(START_MS)])
    add_measures(desk.database, 1, [Measure("score", START_MS, 0.4)])
    rounds = desk.rounds()
    desk.after(MINUTE_MS, rounds)
    assert desk.now()["mine"].title == "score 0.4 (below 0.5)"

    add_measures(desk.database, 1, [Measure("score", desk.at_ms, 0.9)])
    for _ in range(4):
        desk.after(MINUTE_MS, rounds)
    rounds.close()
    assert "mine" not in desk.now()


def test_optimisations_without_effect_are_found_among_twenty(desk: Desk) -> None:
    build(desk.database, [Made(START_MS)])
    told = [Measure("optimisation", START_MS + one, float(one > 1)) for one in range(20)]
    add_measures(desk.database, 1, told)
    rounds = desk.rounds()
    desk.after(MINUTE_MS, rounds)
    rounds.close()

    assert desk.now()["optimisation-failures"].value == pytest.approx(0.1)


def test_slow_answers_retries_and_a_cold_response_cache_are_found(desk: Desk) -> None:
    build(desk.database, [Made(START_MS - 1000 * place) for place in range(20)])
    facts = {"duration_ms": 121_000, "retries": 1, "response_cache_hit": 0}
    desk.database.executemany(
        "INSERT INTO request_fact (workspace, key, log, name, value) VALUES (1, ?, 1, ?, ?)",
        [(key, name, value) for key in range(1, 21) for name, value in facts.items()],
    )
    rounds = desk.rounds()
    desk.after(MINUTE_MS, rounds)
    rounds.close()
    found = desk.now()

    assert found["latency"].value == 121
    assert found["retry-rate"].value == 0.5
    assert found["response-cache-low"].value == 0


def test_costs_that_are_off_the_logged_ones_are_found(desk: Desk) -> None:
    off = [Made(START_MS - 1000 * one, logged_nano=8_000_000) for one in range(20)]

    assert watched(desk, off)["estimate-error"].value == pytest.approx(0.25)


def test_a_cache_that_hardly_helps_is_found_after_ten_minutes(desk: Desk) -> None:
    made = [Made(START_MS - 1000 * one, input=60_000, cache_read=0) for one in range(20)]
    build(desk.database, made)
    rounds = desk.rounds()
    for _ in range(11):
        assert "cache-low" not in desk.now()
        desk.after(MINUTE_MS, rounds)
    rounds.close()

    assert desk.now()["cache-low"].value == 0


def test_an_official_limit_and_its_pace_are_found(desk: Desk) -> None:
    build(desk.database, [Made(START_MS)])
    resets = (START_MS + 60 * MINUTE_MS) // 1000
    tags = (("minutes", "300"), ("resets", str(resets)), ("source", "codex"))
    add_measures(desk.database, 1, [Measure(PLAN_LIMIT, START_MS, 98.0, "%", tags)])
    rounds = desk.rounds()
    desk.after(MINUTE_MS, rounds)
    rounds.close()
    found = desk.now()

    assert found["quota-full"].value == pytest.approx(0.98)
    assert found["quota-pace"].value == pytest.approx(0.98 / 0.8)


def test_a_rate_limit_that_is_nearly_reached_is_found(desk: Desk) -> None:
    desk.settings = "[limits]\ntokens_per_minute = 2000\n"
    build(desk.database, [Made(START_MS + 30_000 + one, input=900) for one in range(2)])
    rounds = desk.rounds()
    desk.after(MINUTE_MS, rounds)
    rounds.close()

    assert desk.now()["tokens-per-minute"].value > 0.8


def fit(model: str, error: float, **more: object) -> Calibration:
    """Return what a calibration of today measured of a model's prompts."""
    told = Calibration(
        *(model, Kind.PROMPT, "cl100k_base", 1.2, 70.0, 65, 1, 5, error, 0.4, 0.5, START_MS)
    )
    return told._replace(**more)  # type: ignore[arg-type]  # of the fields' own types


def test_counted_tokens_that_are_far_off_are_told_of_what_is_estimated(desk: Desk) -> None:
    fits = [
        fit("claude-opus-4-8", 0.31),
        fit("claude from 4.7", 0.33),
        fit("claude-haiku-4-5", 0.12),
        fit("gpt-5-4", 0.5, encoding="o200k_base"),
        fit("openai o200k", 0.5, encoding="o200k_base"),
        fit("deepseek-v4", 0.9, pairs=19),
        fit("kimi-k3", 0.9, fitted_ms=START_MS - 8 * DAY_MS),
    ]
    write_calibrations(desk.database, 1, "", fits)

    watched(desk, [Made(START_MS)])

    found = [one for one in open_alerts(desk.view) if one.rule == "token-estimate-error"]
    assert [one.title for one in found] == [
        "counted tokens off by 31% (above 20%) · claude-opus-4-8"
    ]
