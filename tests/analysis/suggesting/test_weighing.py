"""Findings against each other: no dollar twice, agreement, conflicts, what was said before."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.analysis.suggesting.made import facts, request
from tokwatch.analysis.suggesting.money import whole
from tokwatch.analysis.suggesting.weighing import Past, Till, weighed
from tokwatch.config.suggesting import Suggestions
from tokwatch.model.alert import Severity
from tokwatch.model.suggestion import Claim, Finding, Grade, Klass, saving_sum

ANY = Suggestions(least_usd_month=0, least_share=0, least_requests=1)
OF = facts([request(one, one * 60) for one in range(1, 9)])
NO_PAST = Past()


def finding(kind: str, share: float = 0.5, **told: object) -> Finding:
    """Return a finding that claims a share of every request."""
    claims = []
    for one in OF.sent:
        cost = whole(one)
        prompt, output = int(cost.prompt_nano * share), int(cost.output_nano * share)
        claims.append(Claim(one.key, prompt, output))
    plain = Finding(
        kind, "project /code/shop", kind, tuple(claims), frozenset(OF.by_key), ("do it",)
    )
    return replace(plain, **told)


def month(amount: float) -> int:
    """Return an amount of these days as one of a month."""
    return int(amount * 30 / OF.days)


@st.composite
def some_findings(draw: st.DrawFn) -> list[Finding]:
    keys = st.sampled_from([one.key for one in OF.sent])
    amounts = st.integers(0, 60_000_000)
    found = []
    for number in range(draw(st.integers(1, 8))):
        claimed = draw(st.dictionaries(keys, st.tuples(amounts, amounts), min_size=1))
        found.append(
            finding(
                f"kind-{number}",
                claims=tuple(Claim(key, *both) for key, both in claimed.items()),
                confidence=draw(st.sampled_from(Grade)),
                choice=draw(st.sampled_from(["", "model"])),
                cause=draw(st.sampled_from(["", "context"])),
            )
        )
    return found


@given(some_findings())
@settings(max_examples=30, deadline=None)
def test_the_sum_counts_no_dollar_twice(found: list[Finding]) -> None:
    told = weighed(found, OF, ANY, NO_PAST)

    claimed = {claim.key for one in found for claim in one.claims}
    cost = sum(OF.by_key[key].nano for key in claimed)
    assert saving_sum(told) <= month(cost)
    assert all(0 <= one.counted_nano_month <= one.saving_nano_month for one in told)


@given(some_findings())
@settings(max_examples=25, deadline=None)
def test_of_each_request_no_more_is_claimed_than_it_cost(found: list[Finding]) -> None:
    till = Till(OF)

    taken = sum(till.take([claim]) for one in found for claim in one.claims if claim.key == 3)

    assert taken <= OF.by_key[3].nano


@given(some_findings(), st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_what_is_accepted_one_after_the_other_promises_no_dollar_twice(
    found: list[Finding], dice: Random
) -> None:
    followed: list[str] = []
    promised = 0
    for _ in found:
        told = weighed(found, OF, ANY, Past(followed=tuple(followed)))
        left = [one for one in told if one.key not in followed]
        if not left:
            break
        one = dice.choice(left)
        followed.append(one.key)
        promised += one.counted_nano_month

    claimed = {claim.key for one in found for claim in one.claims}
    assert promised <= month(sum(OF.by_key[key].nano for key in claimed))


def test_what_is_followed_claims_first_and_the_order_of_the_list_stays() -> None:
    found = [finding("a", 0.6), finding("b", 0.5)]
    first, second = weighed(found, OF, ANY, Past(followed=(found[1].name,)))

    assert (first.kind, second.kind) == ("a", "b")
    assert second.counted_nano_month == second.saving_nano_month
    assert first.counted_nano_month < first.saving_nano_month


def test_of_one_cause_the_followed_one_stays() -> None:
    found = [finding("a", 0.6, cause="x"), finding("b", 0.5, cause="x")]
    (one,) = weighed(found, OF, ANY, Past(followed=(found[1].name,)))

    assert (one.kind, one.agreed) == ("b", ("a",))


def test_two_halves_of_one_cost_are_three_quarters() -> None:
    first, second = weighed([finding("a"), finding("b")], OF, ANY, NO_PAST)

    assert first.counted_nano_month == first.saving_nano_month == second.saving_nano_month
    assert abs(second.counted_nano_month * 2 - second.saving_nano_month) <= 60


def test_those_of_one_cause_are_one_suggestion_and_surer() -> None:
    low = finding("a", 0.6, cause="x", confidence=Grade.MEDIUM)
    (one,) = weighed([finding("b", 0.4, cause="x"), low], OF, ANY, NO_PAST)

    assert (one.kind, one.agreed, one.confidence) == ("a", ("b",), Grade.HIGH)
    others = [finding("a", 0.6, cause="x"), finding("b", 0.4, cause="y")]
    assert len(weighed(others, OF, ANY, NO_PAST)) == 2


def test_of_two_answers_to_one_choice_the_better_counts_and_the_other_says_so() -> None:
    found = [finding("a", 0.3, choice="model"), finding("b", 0.6, choice="model")]
    best, other = weighed(found, OF, ANY, NO_PAST)

    assert (best.kind, best.rather) == ("b", "")
    assert (other.rather, other.counted_nano_month) == (best.key, 0)
    assert other.saving_nano_month > 0


def test_dismissed_kinds_sink_and_discounted_ones_promise_less() -> None:
    found = [finding("a", 0.6), finding("b", 0.5)]
    past = Past({"a": 0.5}, {}, frozenset())
    first, second = weighed(found, OF, ANY, past)

    assert (first.kind, second.kind, second.discount) == ("b", "a", 0.5)
    plain = weighed(found, OF, ANY, NO_PAST)[0].saving_nano_month
    assert abs(second.saving_nano_month * 2 - plain) <= 2
    sunk = weighed(found, OF, ANY, Past(dismissed={"a": 1}))
    assert [one.kind for one in sunk] == ["b", "a"]


def test_what_was_dismissed_claims_nothing_and_stands_last() -> None:
    found = [finding("a", 0.9), finding("b", 0.5)]
    told = weighed(found, OF, ANY, Past(quiet={found[0].name}))

    assert [(one.kind, one.counted_nano_month > 0) for one in told] == [("b", True), ("a", False)]


def test_what_is_not_worth_the_change_is_not_told() -> None:
    assert weighed([finding("a", 0.005)], OF, Suggestions(least_usd_month=0), NO_PAST) == ()
    assert weighed([finding("a")], OF, Suggestions(least_usd_month=5_000), NO_PAST) == ()
    few = finding("a", claims=finding("a").claims[:3])
    assert weighed([few], OF, Suggestions(least_usd_month=0), NO_PAST) == ()
    assert weighed([finding("a", claims=())], OF, ANY, NO_PAST) == ()
    keep = finding("a", claims=(), events=(3,), klass=Klass.KEEP)
    assert len(weighed([keep], OF, ANY, NO_PAST)) == 1


def test_severity_is_the_part_of_all_cost() -> None:
    def severity(share: float, sure: Grade = Grade.HIGH) -> Severity:
        return weighed([finding("a", share, confidence=sure)], OF, ANY, NO_PAST)[0].severity

    assert [severity(share) for share in (0.05, 0.15, 0.3)] == list(Severity)
    assert severity(0.3, Grade.LOW) is Severity.NOTICE
