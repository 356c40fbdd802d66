"""Each analyser finds its case, and not what is nearly its case."""

from __future__ import annotations

import pytest

from tests.analysis.suggesting.cases import CASES, OPUS, SMALL, Case, same_request, turns
from tests.analysis.suggesting.made import SETTINGS, block, facts, request
from tokwatch.analysis.suggesting.analysers import ANALYSERS, KINDS, findings
from tokwatch.analysis.suggesting.money import whole
from tokwatch.analysis.suggesting.triggers import Trigger
from tokwatch.config.suggesting import Pin, Suggestions
from tokwatch.model.detail import Part
from tokwatch.model.suggestion import Finding
from tokwatch.model.suggestion_facts import Facts


def found(of: Facts, kind: str, settings: Suggestions = SETTINGS) -> list[Finding]:
    """Return the findings of a kind, every trigger on."""
    return [one for one in findings(of, settings, Trigger) if one.kind == kind]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)
def test_it_is_found_and_what_is_nearly_it_is_not(case: Case) -> None:
    told = case.fires()
    one = next(iter(found(told, case.kind)), None)

    assert one is not None
    assert found(case.near(), case.kind) == []
    assert one.title
    assert one.steps
    assert one.claims or one.events
    for claim in one.claims:
        cost = whole(told.by_key[claim.key])
        assert 0 <= claim.prompt_nano <= cost.prompt_nano
        assert 0 <= claim.output_nano <= cost.output_nano


def test_a_copy_in_a_fork_says_nothing_about_a_request() -> None:
    """Session s3 was forked off s1 and holds its request 1 behind other words."""
    made = same_request(5)
    copied = (
        block(0, Part.USER, 500, 30, digest=99),
        block(1, Part.ASSISTANT, 100, 90, request=1),
    )
    told = facts(made.sent, talks={**made.blocks, ("claude-code", "s3"): copied})

    assert found(told, "response-cache") == found(made, "response-cache") != []


def test_every_kind_has_its_case() -> None:
    assert {case.kind for case in CASES} == set(KINDS)
    assert len(KINDS) == len(set(KINDS))


def test_nothing_looks_without_a_reason_but_what_is_followed() -> None:
    of = CASES[0].fires()

    assert findings(of, SETTINGS, ()) == []
    assert {one.kind for one in findings(of, SETTINGS, (), ("cheaper-model",))} == {"cheaper-model"}
    assert all(analyser.triggers for analyser in ANALYSERS)


@pytest.mark.parametrize(
    "pin", [Pin(project="shop"), Pin(agent="main"), Pin(model="op*"), Pin(project="/code/*")]
)
def test_what_is_pinned_gets_no_cheaper_model(pin: Pin) -> None:
    of = CASES[0].fires()

    assert found(of, "cheaper-model", Suggestions(pins={"mine": pin})) == []
    assert found(of, "cheaper-model", Suggestions(pins={"mine": Pin(project="other")}))


def test_one_pinned_request_keeps_the_model_of_its_whole_agent() -> None:
    places = ("/code/shop", "/code/bank", "/code/shop")
    own = [request(n, n * 60, project=place, output=100) for n, place in enumerate(places)]
    of = facts(own, offers={OPUS: (SMALL,)})

    assert found(of, "cheaper-model")
    assert found(of, "cheaper-model", Suggestions(pins={"mine": Pin(project="bank")})) == []


@pytest.mark.parametrize("pin", [Pin(model="opus"), Pin(agent="main"), Pin(project="shop")])
def test_what_is_pinned_is_not_sent_to_a_faster_model_either(pin: Pin) -> None:
    slow = next(case for case in CASES if case.kind == "slow-model").fires()
    session = request(1, source="codex", session="s1", project="/code/shop")
    of = facts([session], told=slow.told)

    assert found(of, "slow-model", Suggestions(pins={"mine": pin})) == []
    assert found(of, "slow-model", Suggestions(pins={"mine": Pin(project="other")}))


def test_a_cheaper_model_is_priced_on_the_real_requests() -> None:
    of = CASES[0].fires()
    (one,) = found(of, "cheaper-model")

    # $0.10 a million tokens of each sort, against what each request cost.
    kept = sum((2_010 * 100_000_000 + 500_000) // 1_000_000 + 10_000 for _ in range(6))
    assert sum(whole(told).nano for told in of.sent) - one.nano == kept


def test_a_long_session_is_not_easy_whatever_it_costs() -> None:
    own = turns(80, cache_read=150_000, output=2_000)

    assert found(facts(own, offers={OPUS: (SMALL,)}), "cheaper-model") == []


def test_the_place_where_prompts_change_is_told() -> None:
    (one,) = found(CASES[5].fires(), "changing-prefix")

    assert "3.07k tokens" in one.title
    assert "6 warm caches broken" in one.evidence


def test_a_result_is_carried_until_the_context_is_cut() -> None:
    of = next(case for case in CASES if case.kind == "heavy-results").fires()
    (one,) = found(of, "heavy-results")

    # 16,000 tokens too many: as new as the first request has new ones, read by all after it.
    assert one.nano == 10 * 5_000 + 15_990 * 500 + 9 * 16_000 * 500


def test_an_unpriced_request_promises_nothing() -> None:
    own = [request(one, one * 1_200, cache_read=0, cache_write_5m=20_000, is_priced=0, nano=0)
           for one in range(8)]  # fmt: skip

    assert findings(facts(own), SETTINGS, Trigger) == []
