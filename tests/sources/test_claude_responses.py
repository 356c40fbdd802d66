"""Which lines of a Claude Code transcript count, and what they count."""

from __future__ import annotations

import pytest

from tests.sources.claude_lines import (
    OPUS,
    SESSION,
    answer,
    attachment,
    iteration,
    prompt,
    usage,
)
from tests.sources.conftest import Read
from tests.sources.road import outputs
from tokwatch.model.event import ModelName


def test_a_response_counts_once_however_many_blocks_it_has(claude: Read) -> None:
    """C1: a response is one line for each content block, with the same id."""
    found = claude(answer(out=500), answer(out=500), answer(out=500))

    assert outputs(found) == [500]


def test_lines_of_a_response_need_not_be_adjacent(claude: Read) -> None:
    """C1: tool results come between the lines of one response."""
    found = claude(answer("a", 5), prompt(), answer("b", 7), prompt(), answer("a", 90))

    assert set(outputs(found)) == {7, 90}


def test_the_last_line_counts_not_the_first(claude: Read) -> None:
    """C2: the first line carries the placeholder of message_start."""
    found = claude(answer(out=1, stop=None), answer(out=798))

    assert outputs(found) == [798]


def test_the_last_line_counts_not_the_largest(claude: Read) -> None:
    """C2: gateways begin with an over-estimate of the input."""
    early, final = usage(24_096, 0), usage(22_150, 56)

    (sighting,) = claude(answer(counts=early, stop=None), answer(counts=final)).sightings

    assert (sighting.input, sighting.output) == (22_150, 56)


def test_the_request_id_is_no_part_of_the_key(claude: Read) -> None:
    """C3 and 4.1: side questions replay a message with another request id; gateways send none."""
    found = claude(
        answer(out=10, requestId="req_1"),
        answer(out=20, requestId="req_2", isSidechain=True),
        answer(out=30, requestId=None),
    )

    assert outputs(found) == [30]


def test_usage_without_an_id_is_a_request_of_its_own(claude: Read) -> None:
    """C3: the key is then the file and the offset."""
    found = claude(answer(None, 10), answer(None, 10))

    assert outputs(found) == [10, 10]
    assert len({sighting.key for sighting in found.sightings}) == 2


def test_equal_content_is_never_merged(claude: Read) -> None:
    """4.1: both requests of a duplicated side-car were really billed."""
    found = claude(answer("a", 40, text="same"), answer("b", 40, text="same"))

    assert outputs(found) == [40, 40]


def test_local_messages_are_no_responses(claude: Read) -> None:
    """C5: `<synthetic>` is the text of an error."""
    found = claude(answer(model="<synthetic>"), answer("b", 7))

    assert outputs(found) == [7]
    assert found.tally.synthetic == 1


def test_lines_without_usage_are_no_responses(claude: Read) -> None:
    """C1: only assistant lines carry usage."""
    found = claude(prompt(), attachment(), answer(message=None), answer(type="user"))

    assert outputs(found) == []
    assert (found.tally.lines, found.tally.bad_lines) == (4, 0)


def test_every_iteration_is_billed_on_its_own_model(claude: Read) -> None:
    """C6: the top level holds the last iteration only."""
    counts = usage(9, 90)
    counts["iterations"] = [iteration("claude-haiku-4-5", 5, 50), iteration(OPUS, 9, 90)]

    found = claude(answer(counts=counts)).sightings

    assert [(part.model.name, part.output, part.requests) for part in found] == [
        ("claude-haiku-4-5", 50, 0),
        (OPUS, 90, 1),
    ]


def test_an_iteration_without_a_model_is_the_messages_own(claude: Read) -> None:
    """C6: entries name a model only where it differs."""
    counts = usage(9, 90)
    counts["iterations"] = [usage(5, 50), usage(9, 90)]

    found = claude(answer(counts=counts)).sightings

    assert [part.model.name for part in found] == [OPUS, OPUS]


@pytest.mark.parametrize(
    "entries",
    [[], [usage(7, 70)], [{"type": "note"}, usage(7, 70)], [None, 5, usage(7, 70)], "none", None],
)
def test_fewer_than_two_iterations_leave_the_top_level(claude: Read, entries: object) -> None:
    """C6: a lone iteration repeats the top level."""
    counts = usage(9, 90) | {"iterations": entries}

    assert outputs(claude(answer(counts=counts))) == [90]


def test_cache_writes_are_split_by_their_time_to_live(claude: Read) -> None:
    """C8: interactive sessions write mostly for an hour, at another price."""
    (sighting,) = claude(answer(counts=usage(write_5m=300, write_1h=700))).sightings

    assert (sighting.cache_write_5m, sighting.cache_write_1h) == (300, 700)


def test_a_write_without_a_split_lives_five_minutes(claude: Read) -> None:
    """C8: what the split does not cover counts as five minutes."""
    unsplit = usage() | {"cache_creation_input_tokens": 900, "cache_creation": None}
    partly = usage(write_1h=400) | {"cache_creation_input_tokens": 900}

    found = claude(answer("a", counts=unsplit), answer("b", counts=partly)).sightings

    assert [(part.cache_write_5m, part.cache_write_1h) for part in found] == [(900, 0), (500, 400)]


def test_a_response_lies_where_its_counted_line_does(claude: Read) -> None:
    """C9: the instant is the last line's, the first one decides between logs."""
    found = claude(
        answer(out=1, at="2026-08-01T23:59:59.900Z"), answer(out=9, at="2026-08-02T00:00:00.100Z")
    )
    (sighting,) = found.sightings

    assert sighting.instant_ms == 1_785_628_800_100
    assert sighting.first_ms == 1_785_628_799_900


def test_an_unfinished_answer_is_a_lower_bound(claude: Read) -> None:
    """C10: without a stop reason the output may still be a placeholder."""
    found = claude(
        answer("a", stop=None), answer("b"), answer("c", isAbortedMidStream=True)
    ).sightings

    assert [sighting.final for sighting in found] == [0, 1, 0]


def test_undated_usage_is_shown_but_not_counted(claude: Read) -> None:
    """Section 0, 7: no timestamp, no event."""
    found = claude(answer("a", at=None), answer("b", 7), answer("c", at="yesterday"))

    assert outputs(found) == [7]
    assert found.tally.undated == 2


@pytest.mark.parametrize("stamp", [None, "yesterday", "2026-13-45T00:00:00.000Z", ""])
def test_an_undated_last_line_leaves_the_one_before(claude: Read, stamp: str | None) -> None:
    """Section 0, 7: an undated line is as if it were not there."""
    found = claude(answer(out=5), answer(out=9, at=stamp), answer("b", 7, at=stamp))

    assert outputs(found) == [5]
    assert found.tally.undated == 2


def test_reasoning_is_a_part_of_output(claude: Read) -> None:
    """3.1: thinking is billed as output; more of it than output is nonsense."""
    counts = usage(out=100) | {"output_tokens_details": {"thinking_tokens": 40}}
    too_many = usage(out=10) | {"output_tokens_details": {"thinking_tokens": 99}}

    found = claude(answer("a", counts=counts), answer("b", counts=too_many), answer("c")).sightings

    assert [(part.output, part.reasoning) for part in found] == [(100, 40), (10, 10), (100, None)]


@pytest.mark.parametrize(
    ("fields", "model"),
    [
        ({}, ModelName("anthropic", OPUS, "standard")),
        ({"service_tier": None}, ModelName("anthropic", OPUS, "standard")),
        ({"service_tier": "batch"}, ModelName("anthropic", OPUS, "batch")),
        ({"service_tier": "priority"}, ModelName("anthropic", OPUS, "priority")),
        ({"speed": "fast"}, ModelName("anthropic", OPUS, "fast")),
        ({"speed": "standard"}, ModelName("anthropic", OPUS, "standard")),
        ({"inference_geo": "us"}, ModelName("anthropic", OPUS, "standard+us")),
        ({"inference_geo": "global"}, ModelName("anthropic", OPUS, "standard")),
    ],
)
def test_what_decides_the_price_is_kept(
    claude: Read, fields: dict[str, object], model: ModelName
) -> None:
    """3.1: tier, fast mode and region each have prices of their own."""
    (sighting,) = claude(answer(counts=usage() | fields)).sightings

    assert sighting.model == model


@pytest.mark.parametrize(
    ("name", "provider"),
    [
        ("claude-opus-4-8", "anthropic"),
        ("us.anthropic.claude-opus-4-8-v1:0", "bedrock"),
        ("claude-opus-4-8@20260401", "vertex"),
        ("glm-5.1", ""),
    ],
)
def test_the_provider_is_told_by_the_name(claude: Read, name: str, provider: str) -> None:
    """4.5: a gateway's model is nobody's until a price list knows it."""
    (sighting,) = claude(answer(model=name)).sightings

    assert sighting.model.provider == provider


def test_a_response_without_a_model_is_of_an_unknown_one(claude: Read) -> None:
    """4.5: an unknown model is listed, never $0 in silence."""
    assert [s.model.name for s in claude(answer(model=None)).sightings] == ["unknown"]


def test_web_searches_and_logged_costs_are_kept(claude: Read) -> None:
    """3.1 and 3.2: searches are billed apart; old versions logged the cost."""
    counts = usage() | {"server_tool_use": {"web_search_requests": 3}}

    (sighting,) = claude(answer(counts=counts, costUSD=0.0125)).sightings

    assert (sighting.web_searches, sighting.logged_nano) == (3, 12_500_000)


def test_who_asked_is_taken_from_the_records(claude: Read) -> None:
    """2.1: the folder's name is lossy, so the project comes from `cwd`."""
    (sighting,) = claude(answer(cwd="/home/ana/my-shop", gitBranch="fix/tax")).sightings
    scope = sighting.scope

    assert (scope.session, scope.project, scope.branch) == (SESSION, "/home/ana/my-shop", "fix/tax")
    assert (scope.source, scope.agent) == ("claude-code", "")


def test_side_chains_in_the_main_log_are_an_agent(claude: Read) -> None:
    """2.1: older versions wrote sub-agents into their parent's transcript."""
    found = claude(answer("a", isSidechain=True), answer("b", agentId="a77", isSidechain=True))

    assert [sighting.scope.agent for sighting in found.sightings] == ["sidechain", "a77"]
