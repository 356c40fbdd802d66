"""Budgets and goals on a store, against plain sums over its requests."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.store.build import Made, build
from tokwatch.analysis.calendar import calendar_of
from tokwatch.budgets.budgeting import budgets_of, goal_standings, standings
from tokwatch.budgets.limiting import limit_of, quota_standings, rate_standings
from tokwatch.config import Config, load
from tokwatch.errors import ConfigError
from tokwatch.model.limits import limit_measure
from tokwatch.model.standing import GoalStanding, Standing
from tokwatch.model.units import DAY_MS, NANO
from tokwatch.status.prepared import Answers, Asked
from tokwatch.status.preparing import line, prepare
from tokwatch.store.connect import Database
from tokwatch.store.measures import add_measures
from tokwatch.store.read.every import View

HOUR_MS, MINUTE_MS = 3_600_000, 60_000
NOON_MS = int(datetime(2026, 3, 18, 12, tzinfo=UTC).timestamp() * 1000)
CALENDAR = calendar_of(UTC, "UTC", NOON_MS - 90 * DAY_MS, NOON_MS + 40 * DAY_MS)
CENT = NANO // 100
MADE = [
    Made(NOON_MS - 20 * DAY_MS, session="old", computed_nano=7 * CENT),
    Made(NOON_MS - DAY_MS, session="s1", computed_nano=11 * CENT),
    Made(NOON_MS - 4 * HOUR_MS, session="s1", computed_nano=13 * CENT, user="ana", key="ci"),
    replace(
        Made(NOON_MS - 50 * MINUTE_MS, session="s2", project="/code/api", computed_nano=17 * CENT),
        key="ci",
    ),
    Made(NOON_MS - 40 * MINUTE_MS, session="s2", agent="a1", computed_nano=19 * CENT, tag="ci"),
    Made(NOON_MS - 5 * MINUTE_MS, session="s3", agent="data", model="gpt", computed_nano=23 * CENT),
]
AGENTS = [("claude-code", "s2", "a1", "Explore", "s2")]


def config_of(tmp_path: Path, text: str) -> Config:
    """Return settings with these tables."""
    file = tmp_path / "config.toml"
    file.write_text(text, "utf-8")
    return load(file, tmp_path / "data", environ={})


def stands(tmp_path: Path, database: Database, text: str) -> tuple[Standing, ...]:
    """Return how the budgets of a text stand at noon."""
    view = build(database, MADE, agents=AGENTS)
    return standings(view, config_of(tmp_path, text), NOON_MS, CALENDAR)


@pytest.mark.parametrize(
    ("table", "cents"),
    [
        ('per = "day"', 13 + 17 + 19 + 23),
        ('per = "week"', 11 + 13 + 17 + 19 + 23),
        ('per = "month"', 11 + 13 + 17 + 19 + 23),
        ('per = "block"', 13 + 17 + 19 + 23),
        ('per = "run"\npause_minutes = 10', 23),
        ('per = "run"\npause_minutes = 45', 17 + 19 + 23),
        ('project = "/code/shop"', 13 + 19 + 23),
        ('project = "shop"', 13 + 19 + 23),
        ('project = "nowhere"', 0),
        ('model = "gpt"', 23),
        ('model = "opus"', 13 + 17 + 19),
        ('model = "claude-opus-*"\nproject = "api"', 17),
        ('model = "opus-4"', 0),
        ('user = "ana"', 13),
        ('key = "ci"', 13 + 17),
        ('key = "ci"\nuser = "ana"', 13),
        ('key = "ana"', 0),
        ('tag = "ci"', 19),
        ('agent = "Explore"', 19),
        ('agent = "data"', 23),
        ('agent = "main"', 13 + 17),
        ('agent = "data"\nper = "run"', 23),
        ('source = "claude-code"\nproject = "/code/api"', 17),
    ],
)
def test_a_budget_counts_its_time_and_its_part(
    tmp_path: Path, database: Database, table: str, cents: int
) -> None:
    (one,) = stands(tmp_path, database, f"[budget.b]\nusd = 2\n{table}\n")

    assert one.spent == cents * CENT
    assert one.left == 2 * NANO - one.spent


def test_each_name_has_a_budget_for_itself(tmp_path: Path, database: Database) -> None:
    found = stands(tmp_path, database, '[budget.b]\nusd = 2\neach = "project"\n')

    assert {one.subject: one.spent for one in found} == {
        "project /code/shop": 55 * CENT,
        "project /code/api": 17 * CENT,
    }


def test_each_key_has_a_budget_for_itself(tmp_path: Path, database: Database) -> None:
    found = stands(tmp_path, database, '[budget.b]\nusd = 2\neach = "key"\n')

    assert {one.subject: one.spent for one in found} == {"key ci": 30 * CENT}


def test_each_session_of_the_last_day_has_one_from_its_begin(
    tmp_path: Path, database: Database
) -> None:
    found = stands(tmp_path, database, '[budget.b]\nusd = 2\nper = "session"\n')

    assert {one.subject: one.spent for one in found} == {
        "session s1": 24 * CENT,
        "session s2": 36 * CENT,
        "session s3": 23 * CENT,
    }
    assert all(one.end_ms is None for one in found)


def test_tokens_and_requests_are_counted_too(tmp_path: Path, database: Database) -> None:
    text = (
        "[budget.all]\ntokens = 10000\n[budget.out]\ntokens = 300\ntoken_class = 'output'\n"
        "[budget.n]\nrequests = 5\n"
    )
    found = stands(tmp_path, database, text)

    assert [(one.name, one.spent) for one in found] == [("all", 4_200), ("out", 200), ("n", 4)]


def test_at_the_rate_of_the_last_hour_it_runs_out(tmp_path: Path, database: Database) -> None:
    (one,) = stands(tmp_path, database, "[budget.b]\nusd = 1.31\n")

    # 59 cents in the last hour, and as many left.
    assert one.runs_out_ms == NOON_MS + HOUR_MS
    assert one.earliest_ms is not None
    assert one.earliest_ms <= one.runs_out_ms


def test_the_reset_that_a_tool_told_is_the_block_of_a_budget_for_it(
    tmp_path: Path, database: Database
) -> None:
    view = build(database, MADE)
    resets_s = (NOON_MS + 4 * HOUR_MS + 60_000) // 1000
    add_measures(database, 1, [limit_measure("claude-code", NOON_MS - 1, 9.0, 300, resets_s, "1")])
    text = '[budget.b]\nusd = 2\nper = "block"\nsource = "claude-code"\n'

    (one,) = standings(view, config_of(tmp_path, text), NOON_MS, CALENDAR)

    assert one.end_ms == resets_s * 1000
    assert one.spent == (17 + 19 + 23) * CENT
    (quota,) = quota_standings(view, NOON_MS)
    assert quota.reading.name == "5h"


def test_an_instant_where_a_percentage_belongs_is_no_quota(database: Database) -> None:
    view = build(database, MADE)
    odd = limit_measure("codex", NOON_MS - 1, 1.79e9, 300, NOON_MS // 1000, "1")
    add_measures(database, 1, [odd])

    assert quota_standings(view, NOON_MS) == ()


def test_parts_of_a_split_are_budgets_that_add_up(tmp_path: Path, database: Database) -> None:
    text = (
        "[split.pipe]\ntokens = 8000\nper = 'day'\nagents = ['data', 'other']\n"
        "priority = { data = 3000 }\n"
    )
    found = stands(tmp_path, database, text)

    assert [(one.name, one.limit, one.spent) for one in found] == [
        ("pipe.data", 3_000, 1_050),
        ("pipe.other", 5_000, 0),
    ]


def test_minima_above_the_total_are_refused_with_file_and_key(tmp_path: Path) -> None:
    text = "\n[split.pipe]\ntokens = 900\nagents = ['a', 'b', 'c', 'd', 'e']\n"

    with pytest.raises(ConfigError) as caught:
        config_of(tmp_path, text)

    assert str(tmp_path / "config.toml") in caught.value.message
    assert "split.pipe: minimum: 5 agents get 1,000 tokens at least" in caught.value.message


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("[budget.b]\n", "one of usd, tokens and requests must be given, not none"),
        ("[budget.b]\nusd = 1\ntokens = 5\n", "not usd and tokens"),
        ("[budget.b]\nusd = 1\ntoken_class = 'output'\n", "token_class is for a budget in tokens"),
        ("[budget.b]\nusd = 1\nproject = 'x'\neach = 'project'\n", "project is named"),
        ("[split.s]\ntokens = 500\n", "name nobody"),
        ("[split.s]\ntokens = 500\nagents = ['a']\nminimums = { b = 1 }\n", "'b'"),
        ("[goal.g]\ntarget = 40\n", "0.4 is 40 %"),
        ("[goal.g]\nbaseline = ['2026-02-01']\n", "a first and a last day"),
        ("[statusline]\nformat = '{todya}'\n", "did you mean {today}?"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, table: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config_of(tmp_path, table)

    assert told in caught.value.message


def goals(tmp_path: Path, view: View, text: str) -> GoalStanding:
    """Return how the only goal of a text stands at noon."""
    (one,) = goal_standings(view, config_of(tmp_path, text), NOON_MS, CALENDAR)
    return one


def test_goals_are_quotients_of_the_same_sums(tmp_path: Path, database: Database) -> None:
    view = build(database, MADE, agents=AGENTS)

    hits = goals(tmp_path, view, "[goal.g]\ntarget = 0.4\n")
    cost = goals(
        tmp_path, view, "[goal.g]\nmeasure = 'cost_per_session'\ntarget = 1\nper = 'day'\n"
    )
    range_of = "baseline = ['2026-02-20', '2026-02-28']\n"
    ranged = goals(tmp_path, view, f"[goal.g]\nmeasure = 'cost_per_request'\n{range_of}")

    assert hits.value == pytest.approx(0.8)
    assert (hits.is_met, hits.unit) == (True, "share")
    assert cost.value == pytest.approx((13 + 17 + 19 + 23) * CENT / 3)
    assert ranged.baseline == pytest.approx(7 * CENT)


def test_rates_are_by_provider_model_and_key(tmp_path: Path, database: Database) -> None:
    made = [
        Made(NOON_MS - seconds * 1000, user=who, key="ci", cache_read=10_000, output=20)
        for seconds, who in ((0, "ana"), (30, "ben"), (59, "ana"), (60, "ana"), (90, "ana"))
    ]
    made.append(Made(NOON_MS - 90_000, user="ana", key="laptop", output=20))
    view = build(database, made)
    text = "[limits]\nof = { 'anthropic/claude-opus-4-5' = 1000 }\n"

    one, other = rate_standings(view, config_of(tmp_path, text), NOON_MS)

    of = one.gauge
    assert (of.provider, of.model, of.key) == ("anthropic", "claude-opus-4-5", "ci")
    assert (other.gauge.key, other.gauge.tokens_per_minute) == ("laptop", 0)
    assert of.tokens_per_minute == 3 * 220  # input, writes and output; no cache reads
    assert of.limit == 1_000
    assert of.peak == 3 * 220
    assert one.held.requests == 5
    assert one.held.held == 0


def test_the_most_exactly_named_limit_holds() -> None:
    named = {"openai": 1, "openai/gpt": 2, "openai/gpt/k": 3}

    assert limit_of(named, 9, ("openai", "gpt", "k")) == 3
    assert limit_of(named, 9, ("openai", "gpt", "")) == 2
    assert limit_of(named, 9, ("openai", "other", "")) == 1
    assert limit_of(named, 9, ("google", "gemini", "")) == 9


def test_the_shipped_example_of_a_split_is_whole(repository: Path, tmp_path: Path) -> None:
    lines = (repository / "config.toml").read_text("utf-8").splitlines()
    start = next(at for at, line in enumerate(lines) if "[budget.daily]" in line)
    end = next(at for at, line in enumerate(lines) if "[profile.work.session]" in line)
    text = "\n".join(line.removeprefix("#") for line in lines[start:end])

    found = {one.name: one.limit for one in budgets_of(config_of(tmp_path, text))}

    assert found == {
        "daily": 80 * NANO,
        "pipeline.triage": 500,
        "pipeline.data": 3_000,
        "pipeline.optimization": 2_000,
        "pipeline.action": 1_000,
        "pipeline.reporting": 1_500,
    }


def test_answers_are_prepared_for_either_database(
    tmp_path: Path, database: Database, store_url: str
) -> None:
    view = build(database, MADE, agents=AGENTS)
    text = (
        f"[store]\nurl = '{store_url}'\n[budget.d]\nusd = 2\n[budget.m]\nusd = 2\nper = 'month'\n"
    )
    config = config_of(tmp_path, text)

    made = prepare(config, Asked(None, None, None), NOON_MS)

    assert made is not None
    answers = Answers(made)
    lines = answers.lines()
    since_ms = NOON_MS - 10 * MINUTE_MS
    cost = answers.value(made["burn"], since_ms, since_ms)
    answers.close()
    assert lines == [line(one) for one in standings(view, config, NOON_MS, CALENDAR)]
    assert cost == 23 * CENT
    is_kept = (config.data / "prepared.json").exists()
    assert is_kept is not store_url.startswith("postgres")
