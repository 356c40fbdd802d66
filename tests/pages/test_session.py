"""The page of a session, from a store: events at once, contents in steps, the day's sessions."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from tests.analysis.made_session import block
from tests.pages.sights import sight_of
from tests.store import made_detail
from tests.store.build import Made, build
from tokwatch.analysis.truncation import Strategy
from tokwatch.model.caching import Cause
from tokwatch.model.detail import Block, Compaction, Delegation, Detail, DetailReading, Part, Turn
from tokwatch.model.units import DAY_MS
from tokwatch.pages import session_detail as detail_module
from tokwatch.pages.block import UNKNOWN, BlockAsk
from tokwatch.pages.session import SessionAsk, SessionPage
from tokwatch.pages.sight import OpenedAsk, Sight
from tokwatch.store.calibrations import write_calibrations
from tokwatch.store.connect import Database
from tokwatch.store.read.every import usage
from tokwatch.tokens.calibrated import BY_LENGTH, Calibration, Kind
from tokwatch.tokens.families import generation

NOON_MS = 1_772_323_200_000 + DAY_MS // 2
MINUTE_MS = 60_000
CODE = "claude-code"
PATH = "/logs/a.jsonl"


def made_requests() -> list[Made]:
    """Return a session of three requests and one agent, and another session."""
    plain = Made(NOON_MS, input=10, cache_write_1h=0, path=PATH, output=100)
    return [
        replace(plain, cache_read=0, cache_write_5m=10_000),
        replace(plain, at_ms=NOON_MS + MINUTE_MS, cache_read=10_000, cache_write_5m=3_100),
        replace(plain, at_ms=NOON_MS + 9 * MINUTE_MS, cache_read=0, cache_write_5m=13_200),
        replace(plain, at_ms=NOON_MS + 2 * MINUTE_MS, agent="a1", path="/logs/agent-a1.jsonl"),
        replace(plain, at_ms=NOON_MS + 3 * MINUTE_MS, session="s2", path="/logs/b.jsonl"),
    ]


def blocks() -> tuple[Block, ...]:
    """Return what its transcript tells: a message, a call, and what the tool answered."""
    return (
        block(0, Part.USER, 10),
        block(1, Part.TOOL_CALL, 20, 1, tool="Read", call=1),
        block(2, Part.TOOL_RESULT, 2_000, tool="Read", call=1),
        block(3, Part.ASSISTANT, 40, 2),
        block(4, Part.USER, 10),
        block(5, Part.ASSISTANT, 30, 3),
    )


def made_store(database: Database, *, told: Sequence[Block] = ()) -> None:
    view = build(database, made_requests())
    assert view.workspace == 1
    if told:
        detail = Detail(
            blocks=tuple(told),
            turns=(Turn(0, "", NOON_MS - 1, NOON_MS + 9 * MINUTE_MS, 3, 1, interrupted=False),),
            delegations=(Delegation(NOON_MS + MINUTE_MS, "", "a1", "Explore", 40, 5, 77),),
        )
        made_detail.write(database, PATH, detail)


def sight(database: Database, at_ms: int = NOON_MS + 10 * MINUTE_MS) -> Sight:
    from tokwatch.store.read.every import open_view

    return sight_of(open_view(database, "local"), at_ms)


def settled(ask: SessionAsk, seen: Sight) -> SessionPage:
    """Return the page once nothing more comes."""
    for _ in range(30):
        page = ask.answer(seen)
        if page.is_whole:
            return page
    raise AssertionError("the page never becomes whole")


def test_the_first_answer_is_made_from_events_alone(database: Database) -> None:
    made_store(database, told=blocks())
    page = SessionAsk(CODE, "s1").answer(sight(database))
    assert [line.request.prompt for line in page.lines] == [10_010, 13_110, 13_210]
    assert [line.grew for line in page.lines] == [None, 3_100, 100]
    assert page.inside is None
    assert not page.is_whole
    assert [lane.chain.agent for lane in page.lanes] == ["", "a1"]
    assert page.row is not None
    assert page.row.context is not None
    assert page.row.context.tokens == 13_210
    assert page.whole.requests == 4


def test_its_sums_are_those_of_the_roll_ups(database: Database) -> None:
    made_store(database)
    seen = sight(database)
    page = SessionAsk(CODE, "s1").answer(seen)
    assert page.row is not None
    [cell] = usage(seen.view, replace(seen.slice, since_ms=0))
    other = SessionAsk(CODE, "s2").answer(seen)
    assert page.whole + other.whole == cell.usage
    assert page.row.usage + page.lanes[1].usage == page.whole


def test_later_answers_tell_what_is_inside_step_by_step(database: Database) -> None:
    made_store(database, told=blocks())
    ask, seen = SessionAsk(CODE, "s1"), sight(database)
    answers = [ask.answer(seen) for _ in range(4)]
    known = [
        (
            one.inside is not None,
            one.inside is not None and one.inside.carried is not None,
            one.inside is not None and one.inside.simulations is not None,
        )
        for one in answers
    ]
    assert known == [(False,) * 3, (True, False, False), (True, True, False), (True,) * 3]
    assert [one.is_whole for one in answers] == [False, False, False, True]
    inside = answers[-1].inside
    assert inside is not None
    mix = inside.mix(2)
    assert mix is not None
    assert mix.total == 13_110
    assert {group.name: tokens for group, tokens in mix.shares if group.name} == {"Read": 3_000}
    assert inside.carried is not None
    [heavy] = [one for one in inside.carried.blocks if one.block.part is Part.TOOL_RESULT]
    assert (heavy.tokens, heavy.requests, heavy.unpriced) == (3_000, 2, 2)
    loss = inside.loss(3, Strategy.SLIDING)
    assert loss is not None
    assert loss.prompt == 13_210
    assert (inside.mix(99), inside.loss(99, Strategy.AUTO)) == (None, None)
    assert answers[-1].lanes[1].kind == "Explore"


def test_estimates_are_corrected_by_what_was_measured(database: Database) -> None:
    made_store(database, told=blocks())
    numbers = (1.5, 30.0, 65, 1, 5, 0.1, 0.2, 0.5, NOON_MS)
    model = generation(made_requests()[0].model)
    fits = [
        Calibration(model, Kind.PROMPT, BY_LENGTH, *numbers),
        Calibration(model, Kind.PROMPT, "cl100k_base", *numbers)._replace(a=9.0),
    ]
    write_calibrations(database, 1, "", fits)

    inside = settled(SessionAsk(CODE, "s1"), sight(database)).inside

    assert inside is not None
    assert inside.estimate == fits[0]
    sized = {one.block.number: one.block.tokens for one in inside.composition.sized}
    assert sized == {0: 15, 1: 60, 2: 3_000, 3: 60, 4: 15}


def test_while_nothing_changes_the_page_is_the_same_object(database: Database) -> None:
    made_store(database, told=blocks())
    ask, seen = SessionAsk(CODE, "s1"), sight(database)
    page = settled(ask, seen)
    assert ask.answer(seen) is page
    database.execute("UPDATE event SET output = 999 WHERE key = 3")
    other = ask.answer(seen)
    assert other is not page
    assert other.lines[-1].request.output == 999


def test_a_past_moment_sees_nothing_after_it(database: Database) -> None:
    made_store(database, told=blocks())
    page = settled(SessionAsk(CODE, "s1"), sight(database, NOON_MS + MINUTE_MS - 1))
    assert len(page.lines) == 1
    assert len(page.lanes) == 1
    nothing = SessionAsk(CODE, "s1").answer(sight(database, NOON_MS - 1))
    assert (nothing.row, nothing.lines, nothing.lanes) == (None, (), ())


def test_a_pause_that_broke_the_cache_is_told(database: Database) -> None:
    made_store(database)
    page = SessionAsk(CODE, "s1").answer(sight(database))
    assert {key: one.cause for key, one in page.breaks.items()} == {
        1: Cause.FIRST,
        3: Cause.IDLE,
    }


def test_a_compaction_of_the_log_is_a_cliff(database: Database) -> None:
    made_store(database)
    told = Compaction(NOON_MS + 5 * MINUTE_MS, "", 13_000, None, "auto", 35)
    made_detail.write(database, PATH, Detail(blocks=blocks(), compactions=(told,)))
    page = settled(SessionAsk(CODE, "s1"), sight(database))
    assert [cliff.place for cliff in page.course.cliffs] == [2]
    assert page.usable is not None
    assert page.usable.tokens == 13_110
    assert page.breaks[3].cause is Cause.COMPACTION


def test_an_agents_own_context_is_shown_on_request(database: Database) -> None:
    made_store(database, told=blocks())
    main = SessionAsk(CODE, "s1")
    settled(main, sight(database))
    ask = SessionAsk(CODE, "s1", "a1", kept=main.kept)
    page = settled(ask, sight(database))
    assert page.chain.agent == "a1"
    assert [line.request.cached.agent for line in page.lines] == ["a1"]
    assert page.inside is not None
    assert not page.inside.is_told
    unknown = SessionAsk(CODE, "s1", "nobody").answer(sight(database))
    assert unknown.chain.agent == ""


def test_while_the_log_is_read_nothing_is_worked_out(database: Database) -> None:
    made_store(database, told=blocks())
    ask = SessionAsk(CODE, "s1")
    reading = DetailReading(CODE, "s1", 10, 100)
    seen = replace(sight(database), detail=reading)
    ask.answer(seen)
    page = ask.answer(seen)
    assert page.inside is None
    assert page.reading == reading
    assert page.is_whole
    other = replace(seen, detail=DetailReading(CODE, "another", 10, 100))
    assert settled(ask, other).inside is not None
    assert settled(ask, other).reading is None


def test_a_large_detail_that_grows_is_worked_out_anew_now_and_then(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(detail_module, "BLOCKS_A_MS", 1)
    made_store(database, told=blocks())
    ask, seen = SessionAsk(CODE, "s1"), sight(database)
    before = settled(ask, seen).inside
    more = Detail(blocks=(block(6, Part.USER, 70),))
    made_detail.write(database, PATH, more, from_start=False, offset=950)
    again = ask.answer(seen)
    assert again.inside is before
    assert not again.is_whole
    later = replace(seen, now_ms=seen.now_ms + 10_000)
    assert settled(ask, later).inside is not before


def test_the_question_opens_its_session(database: Database) -> None:
    ask = SessionAsk(CODE, "s1")
    assert isinstance(ask, OpenedAsk)
    assert ask.opened == (CODE, "s1")


def test_the_day_looks_at_one_session_after_the_other(database: Database) -> None:
    made_store(database, told=blocks())
    ask, seen = SessionAsk(CODE, "s1", day=True), sight(database)
    page = settled(ask, seen)
    day = page.day
    assert day is not None
    assert (day.sessions, day.looked, day.told) == (2, 2, 1)
    assert page.inside is not None
    assert page.inside.carried is not None
    assert day.part.blocks == page.inside.carried.blocks
    next_day = sight(database, NOON_MS + DAY_MS)
    empty = settled(SessionAsk(CODE, "s1", day=True), next_day).day
    assert empty is not None
    assert (empty.sessions, empty.part.blocks) == (0, ())


def test_a_day_counts_only_its_own_requests(database: Database) -> None:
    night = NOON_MS + DAY_MS // 2 - 2 * MINUTE_MS
    moved = [replace(one, at_ms=one.at_ms - NOON_MS + night) for one in made_requests()]
    build(database, moved)
    made_detail.write(database, PATH, Detail(blocks=blocks()))
    page = settled(SessionAsk(CODE, "s1", day=True), sight(database, night + 20 * MINUTE_MS))
    assert page.day is not None
    [heavy] = [one for one in page.day.part.blocks if one.block.part is Part.TOOL_RESULT]
    assert heavy.requests == 1


def test_a_block_whose_log_is_unknown_says_so(database: Database) -> None:
    made_store(database, told=blocks())
    seen = sight(database)
    page = BlockAsk(CODE, "s1", "", 20).answer(seen)
    assert page.path == PATH
    assert page.raw.problem
    assert BlockAsk(CODE, "unknown", "", 20).answer(seen).raw == UNKNOWN


def test_a_session_whose_requests_were_pruned_says_so(database: Database) -> None:
    made_store(database, told=blocks())
    seen = sight(database)
    whole = settled(SessionAsk(CODE, "s1"), seen).whole
    database.execute("DELETE FROM event")
    page = SessionAsk(CODE, "s1").answer(seen)
    assert (page.lines, page.row) == ((), None)
    assert page.pruned_nano == whole.auto_nano


def test_before_it_began_a_session_was_not_pruned(database: Database) -> None:
    made_store(database, told=blocks())
    page = SessionAsk(CODE, "s1").answer(replace(sight(database), at_ms=1))
    assert (page.lines, page.pruned_nano) == ((), None)
