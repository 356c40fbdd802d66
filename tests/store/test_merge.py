"""Which of several sightings of one request counts: the rules, one by one."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokwatch.model.event import Grade, event_key
from tokwatch.store.merge import Counted, LogFacts, latest, owner, settle

PLAIN = Counted(
    key=7,
    log=1,
    instant_ms=1_000,
    first_ms=1_000,
    scope=1,
    model=1,
    requests=1,
    input=10,
    cache_read=20,
    cache_write_5m=30,
    cache_write_1h=40,
    output=50,
    reasoning=5,
    web_searches=0,
    logged_nano=None,
    window_tokens=None,
    grade=Grade.RECORD,
    final=1,
    copied=0,
    offset_bytes=100,
)
TRANSCRIPT = LogFacts("/b", "b", "", None, None, None, None)
THREAD = LogFacts("/t", "t", "", 5_000, 7, 8, None)


def sighting(log: int, **changes: int) -> Counted:
    """Return a sighting of the same request in a log; its scope is numbered as the log."""
    return PLAIN._replace(log=log, scope=log, **changes)


def settled(*copies: Counted, logs: dict[int, LogFacts] | None = None) -> list[Counted]:
    """Return the outcome, having checked that the order of the copies does not matter."""
    facts = logs or {copy.log: TRANSCRIPT._replace(path=f"/{copy.log}") for copy in copies}
    outcomes = {tuple(sorted(settle(order, facts))) for order in permutations(copies)}
    assert len(outcomes) == 1
    return list(outcomes.pop())


class TestWithinOneLog:
    def test_the_later_record_counts_even_with_less(self) -> None:
        later = sighting(1, output=3, offset_bytes=200, instant_ms=2_000, first_ms=2_000)

        assert latest(PLAIN, later) == later._replace(first_ms=1_000)

    def test_the_same_record_read_again_changes_nothing(self) -> None:
        assert latest(PLAIN, PLAIN) == PLAIN

    def test_an_earlier_record_read_again_does_not_count(self) -> None:
        assert latest(PLAIN, sighting(1, offset_bytes=50, output=49)) == PLAIN

    def test_a_rewritten_log_counts_where_its_record_is_more_final(self) -> None:
        finished = sighting(1, offset_bytes=50, output=90)

        assert latest(PLAIN, finished) == finished

    @pytest.mark.parametrize("offset_bytes", [50, 200])
    def test_a_mirror_never_replaces_a_record(self, offset_bytes: int) -> None:
        mirror = sighting(1, grade=Grade.ECHO, offset_bytes=offset_bytes, output=99)

        assert latest(PLAIN, mirror) == PLAIN
        assert latest(mirror, PLAIN) == PLAIN


class TestAcrossTranscripts:
    def test_usage_comes_from_the_most_final_copy_and_the_rest_from_the_earliest(self) -> None:
        early = sighting(1, final=0, output=2, window_tokens=200_000)
        late = sighting(2, instant_ms=9_000, first_ms=9_000, model=2, input=11, logged_nano=5)

        [event] = settled(early, late)

        assert event == early._replace(model=2, input=11, output=50, final=1, logged_nano=5)

    def test_of_two_finished_copies_the_larger_output_counts(self) -> None:
        [event] = settled(sighting(1, output=50), sighting(2, output=60, first_ms=2_000))

        assert (event.log, event.output) == (1, 60)

    def test_a_finished_copy_counts_before_a_larger_unfinished_one(self) -> None:
        [event] = settled(sighting(1, output=50), sighting(2, output=60, final=0))

        assert event.output == 50

    def test_of_equally_final_copies_the_earlier_counts(self) -> None:
        first = sighting(1, final=0)
        second, third = sighting(2, first_ms=2_000, input=2), sighting(3, first_ms=2_000, input=3)

        [event] = settled(first, second, third)

        assert event.input == 2

    def test_a_logged_cost_of_the_earliest_copy_is_kept(self) -> None:
        [event] = settled(sighting(1, output=1, logged_nano=7), sighting(2, first_ms=2_000))

        assert (event.output, event.logged_nano) == (50, 7)

    def test_at_equal_instants_a_record_that_says_it_is_a_copy_comes_second(self) -> None:
        [event] = settled(sighting(1, copied=1), sighting(2))

        assert event.scope == 2

    def test_at_equal_instants_the_log_whose_own_requests_begin_first_counts(self) -> None:
        logs = {
            1: TRANSCRIPT._replace(path="/1", own_start_ms=3_000),
            2: TRANSCRIPT._replace(path="/2", own_start_ms=2_000),
            3: TRANSCRIPT._replace(path="/0"),
        }

        [event] = settled(sighting(1), sighting(2), sighting(3), logs=logs)

        assert event.scope == 2

    def test_all_else_equal_the_order_of_paths_decides(self) -> None:
        [event] = settled(sighting(2), sighting(1))

        assert event.scope == 1

    def test_a_mirror_counts_only_without_a_record(self) -> None:
        mirror = sighting(1, grade=Grade.ECHO, output=99, first_ms=1)
        record = sighting(2)

        assert settled(mirror, record) == [record]
        assert settled(mirror, mirror._replace(log=3, first_ms=5)) == [mirror]


class TestWitnesses:
    """What a gateway saw of a request, beside what its own tool's log says."""

    SEEN = sighting(2, grade=Grade.WITNESS, first_ms=1, input=11, output=60, logged_nano=9)
    CUT = sighting(1, final=0, output=2)

    def test_a_request_that_only_gateways_saw_counts_as_they_saw_it(self) -> None:
        behind = self.SEEN._replace(log=3, scope=3, first_ms=2, output=70)

        assert settled(self.SEEN) == [self.SEEN]
        assert settled(self.SEEN, behind) == [self.SEEN._replace(output=70)]

    @pytest.mark.parametrize("grade", [Grade.RECORD, Grade.ECHO, Grade.DERIVED])
    def test_whatever_else_tells_the_request_counts_before_it(self, grade: Grade) -> None:
        told = sighting(1, grade=grade)

        assert settled(told, self.SEEN) == [told]

    def test_a_lower_bound_takes_the_output_of_a_gateway_that_saw_the_end(self) -> None:
        [event] = settled(self.CUT, self.SEEN._replace(input=10, model=9))

        assert event == self.CUT._replace(output=60, final=1, logged_nano=9)

    def test_what_the_record_tells_more_finely_stays(self) -> None:
        coarse = self.SEEN._replace(input=30, cache_read=0, cache_write_5m=70, cache_write_1h=0)

        [event] = settled(self.CUT, coarse._replace(reasoning=40))

        assert event[7:11] == self.CUT[7:11]
        assert (event.output, event.reasoning) == (60, 40)

    def test_another_prompt_is_taken_whole_where_it_tells_cache_reads(self) -> None:
        blind = self.SEEN._replace(input=500, cache_read=None, web_searches=2)

        [event] = settled(self.CUT, self.SEEN._replace(reasoning=None))
        [unmoved] = settled(self.CUT, blind)

        assert event[7:13] == (11, 20, 30, 40, 60, 5)
        assert unmoved[7:11] == self.CUT[7:11]
        assert unmoved.web_searches == 2

    @pytest.mark.parametrize("changes", [{"final": 0}, {"output": None}, {"output": 1}])
    def test_a_gateway_that_saw_less_finishes_nothing(self, changes: dict[str, int]) -> None:
        assert settled(self.CUT, self.SEEN._replace(**changes)) == [self.CUT]

    def test_a_finished_answer_may_be_empty(self) -> None:
        [event] = settled(self.CUT._replace(output=None), self.SEEN._replace(output=0))

        assert (event.output, event.final) == (0, 1)

    def test_a_witness_neither_owns_nor_begins_a_link_of_a_chain(self) -> None:
        logs = {1: THREAD._replace(first_key=1), 2: TRANSCRIPT}

        assert settled(sighting(1), self.SEEN, logs=logs) == [sighting(1)]

    def test_a_link_that_other_records_tell_stays_uncounted(self) -> None:
        ghost = sighting(1, grade=Grade.GHOST)

        assert settled(ghost, self.SEEN, logs={1: THREAD, 2: TRANSCRIPT}) == []
        assert settled(ghost, self.SEEN) == []

    def test_only_the_first_of_two_strangers_can_have_been_seen(self) -> None:
        logs = {
            1: THREAD._replace(session="a"),
            2: TRANSCRIPT,
            3: THREAD._replace(session="b", second_key=9),
        }

        found = settled(self.CUT, self.SEEN, self.CUT._replace(log=3), logs=logs)

        assert sorted(event.final for event in found) == [0, 1]


def test_an_echo_counts_before_what_is_derived() -> None:
    derived = sighting(1, grade=Grade.DERIVED, first_ms=1)
    echo = sighting(2, grade=Grade.ECHO)

    assert settled(derived, echo) == [echo]
    assert settled(derived, sighting(3, grade=Grade.DERIVED)) == [derived]


def test_who_holds_a_request_alone() -> None:
    record, witness = sighting(1), sighting(2, grade=Grade.WITNESS)

    assert owner([record]) == owner([witness, record]) == record
    assert owner([]) is owner([witness]) is owner([sighting(1, grade=Grade.ECHO)]) is None
    assert owner([record, sighting(2)]) is None


_counts = st.one_of(st.none(), st.integers(0, 3))
_few = st.integers(0, 1)
_copies = st.builds(
    Counted,
    **dict.fromkeys(("key", "offset_bytes"), st.just(7)),
    **dict.fromkeys(("log", "scope", "model", "requests"), st.just(1)),
    **dict.fromkeys(("instant_ms", "first_ms"), st.integers(1, 2)),
    **dict.fromkeys(Counted._fields[7:13], _counts),
    **dict.fromkeys(("web_searches", "final", "copied"), _few),
    **dict.fromkeys(("logged_nano", "window_tokens"), _counts),
    grade=st.sampled_from(list(Grade)),
)
_logs = st.builds(
    LogFacts,
    path=st.just(""),
    session=st.sampled_from("abc"),
    parent=st.sampled_from(("", "a", "b")),
    begin_ms=st.sampled_from((None, 1, 2)),
    first_key=st.sampled_from((7, 8)),
    second_key=st.sampled_from((None, 8, 9)),
    own_start_ms=st.sampled_from((None, 1, 2)),
)


@given(st.lists(st.tuples(_copies, _logs), min_size=1, max_size=4))
def test_the_outcome_is_the_same_in_any_order(told: list[tuple[Counted, LogFacts]]) -> None:
    copies = [copy._replace(log=log, scope=log) for log, (copy, _) in enumerate(told)]
    logs = {log: facts._replace(path=f"/{log}") for log, (_, facts) in enumerate(told)}

    events = settled(*copies, logs=logs)

    records = [copy for copy in copies if copy.grade != Grade.WITNESS] or copies
    assert {event.scope for event in events} <= {copy.scope for copy in records}
    assert len({event.key for event in events}) == len(events)


class TestAcrossChains:
    def test_a_shared_link_counts_for_the_thread_that_began_first(self) -> None:
        logs = {
            1: THREAD._replace(session="late", begin_ms=9_000),
            2: THREAD._replace(session="early"),
        }

        assert settled(sighting(1, first_ms=1), sighting(2), logs=logs) == [sighting(2)]

    def test_a_named_parent_counts_whenever_it_began(self) -> None:
        logs = {
            1: THREAD._replace(session="child", parent="parent", begin_ms=1),
            2: THREAD._replace(session="parent"),
        }

        assert settled(sighting(1), sighting(2), logs=logs) == [sighting(2)]

    def test_the_first_of_several_generations_counts(self) -> None:
        logs = {
            1: THREAD._replace(session="c", parent="b", begin_ms=1),
            2: THREAD._replace(session="b", parent="a", begin_ms=2),
            3: THREAD._replace(session="a", begin_ms=3),
        }

        assert settled(*(sighting(log) for log in logs), logs=logs) == [sighting(3)]

    def test_parents_that_name_each_other_do_no_harm(self) -> None:
        logs = {
            1: THREAD._replace(session="a", parent="b"),
            2: THREAD._replace(session="b", parent="a"),
        }

        assert settled(sighting(1), sighting(2), logs=logs) == [sighting(1)]

    def test_threads_that_share_only_their_first_total_are_strangers(self) -> None:
        logs = {
            1: THREAD._replace(session="a"),
            2: THREAD._replace(session="b", second_key=9),
            3: THREAD._replace(session="c", second_key=None),
        }

        found = settled(*(sighting(log) for log in logs), logs=logs)

        assert {event.log: event.key for event in found} == {
            1: 7,
            2: event_key("stranger", "7", "b"),
            3: event_key("stranger", "7", "c"),
        }

    def test_a_relative_of_a_named_child_is_no_stranger(self) -> None:
        logs = {
            1: THREAD._replace(session="a"),
            2: THREAD._replace(session="b", parent="a", second_key=9, begin_ms=6_000),
            3: THREAD._replace(session="c", second_key=9, begin_ms=7_000),
        }

        assert settled(*(sighting(log) for log in logs), logs=logs) == [sighting(1)]

    def test_a_parent_may_be_a_stranger_to_a_third_thread(self) -> None:
        logs = {
            1: THREAD._replace(session="a"),
            2: THREAD._replace(session="b", second_key=9, begin_ms=6_000),
            3: THREAD._replace(session="c", parent="b", second_key=10),
        }

        found = settled(*(sighting(log) for log in logs), logs=logs)

        assert {event.log for event in found} == {1, 2}

    def test_forks_of_a_parent_whose_log_is_gone_share_its_total(self) -> None:
        logs = {
            1: THREAD._replace(session="a", parent="gone"),
            2: THREAD._replace(session="b", parent="gone", second_key=9, begin_ms=6_000),
        }

        assert settled(sighting(1), sighting(2), logs=logs) == [sighting(1)]

    def test_one_total_is_shared_where_a_parent_is_named(self) -> None:
        logs = {
            1: THREAD._replace(session="a"),
            2: THREAD._replace(session="b", parent="a", second_key=9),
        }

        assert settled(sighting(1), sighting(2), logs=logs) == [sighting(1)]

    def test_the_same_thread_in_two_files_counts_once(self) -> None:
        logs = {1: THREAD._replace(path="/live"), 2: THREAD._replace(path="/archived")}

        assert settled(sighting(1), sighting(2), logs=logs) == [sighting(2)]

    def test_a_link_that_other_records_tell_counts_nothing(self) -> None:
        ghost = sighting(1, grade=Grade.GHOST)
        logs = {1: THREAD._replace(session="a"), 2: THREAD._replace(session="b", begin_ms=9_000)}

        assert settled(ghost, logs={1: THREAD}) == []
        assert settled(ghost, sighting(2), logs=logs) == []

    def test_a_later_link_counts_once_without_a_parent(self) -> None:
        logs = {
            1: THREAD._replace(session="a", first_key=1, second_key=7),
            2: THREAD._replace(session="b", first_key=1, second_key=7, begin_ms=9_000),
        }

        assert settled(sighting(1), sighting(2), logs=logs) == [sighting(1)]
