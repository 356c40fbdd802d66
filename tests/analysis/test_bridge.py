"""The cost bridge adds up to the nano-dollar, and blames what changed."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tokwatch.analysis.bridge import CAUSES, Bridge, Consumption, bridge

RATES = {"opus": (5_000, 500, 6_250, 25_000), "haiku": (1_000, 100, 1_250, 5_000)}

consumptions = st.builds(
    Consumption,
    st.integers(0, 10**6),
    st.tuples(*[st.integers(0, 10**12)] * 4),
    st.integers(0, 10**15),
)
ranges = st.dictionaries(st.sampled_from(["opus", "haiku", "unpriced"]), consumptions)
scales = st.fractions(Fraction(1, 1000), 1000, max_denominator=10_000)


def at_list_price(model: str, requests: int, *tokens: int) -> Consumption:
    """Return tokens at the model's list price."""
    nano = sum(count * rate for count, rate in zip(tokens, RATES[model], strict=True))
    return Consumption(requests, tokens, nano)


def parts(found: Bridge) -> dict[str, int]:
    """Return what each cause makes, where it makes anything."""
    return {step.cause: step.nano for step in found.steps if step.nano}


@given(ranges, ranges, scales)
def test_the_parts_add_up_exactly(
    shown: dict[str, Consumption], baseline: dict[str, Consumption], scale: Fraction
) -> None:
    found = bridge(shown, baseline, RATES, scale)

    assert [step.cause for step in found.steps] == list(CAUSES)
    assert found.residual_nano == 0
    assert found.nano == sum(model.nano for model in shown.values())
    exact = sum(model.nano for model in baseline.values()) * scale
    assert abs(found.baseline_nano - exact) <= Fraction(1, 2)


@given(ranges)
def test_equal_ranges_have_no_cause(used: dict[str, Consumption]) -> None:
    assert parts(bridge(used, used, RATES)) == {}


@given(consumptions, st.integers(2, 50))
def test_more_of_the_same_is_volume(used: Consumption, times: int) -> None:
    more = Consumption(
        used.requests * times, tuple(count * times for count in used.tokens), used.nano * times
    )
    found = parts(bridge({"opus": more}, {"opus": used}, RATES))

    if used.requests or not sum(used.tokens):
        assert found.keys() <= {"request volume"}


def test_a_shorter_baseline_is_scaled_to_the_range() -> None:
    hour = {"opus": at_list_price("opus", 10, 1000, 0, 0, 100)}
    two_hours = {"opus": at_list_price("opus", 20, 2000, 0, 0, 200)}

    assert parts(bridge(two_hours, hour, RATES, Fraction(2))) == {}


def test_longer_prompts_are_tokens_a_request() -> None:
    before = {"opus": at_list_price("opus", 10, 1000, 0, 0, 100)}
    after = {"opus": at_list_price("opus", 10, 3000, 0, 0, 300)}

    assert parts(bridge(after, before, RATES)) == {
        "tokens a request": after["opus"].nano - before["opus"].nano
    }


def test_a_dearer_model_is_model_mix() -> None:
    before = {"haiku": at_list_price("haiku", 10, 1000, 0, 0, 100)}
    after = {"opus": at_list_price("opus", 10, 1000, 0, 0, 100)}

    assert parts(bridge(after, before, RATES)) == {
        "model mix": after["opus"].nano - before["haiku"].nano
    }


def test_a_broken_cache_is_cache_mix() -> None:
    before = {"opus": at_list_price("opus", 10, 0, 9000, 100, 100)}
    after = {"opus": at_list_price("opus", 10, 0, 0, 9100, 100)}

    assert parts(bridge(after, before, RATES)) == {
        "cache mix": after["opus"].nano - before["opus"].nano
    }


def test_longer_answers_to_the_same_prompts_are_output_share() -> None:
    before = {"opus": at_list_price("opus", 10, 100, 8000, 100, 100)}
    after = {"opus": at_list_price("opus", 10, 100, 7950, 0, 250)}

    assert parts(bridge(after, before, RATES)).keys() == {"output share", "cache mix"}
    same = {"opus": at_list_price("opus", 10, 82 * 3, 0, 0, 54)}
    other = {"opus": at_list_price("opus", 10, 200, 0, 0, 100)}
    assert parts(bridge(other, same, RATES)) == {
        "output share": other["opus"].nano - same["opus"].nano
    }


def test_a_model_of_one_range_alone_brings_its_own_mix() -> None:
    before = {"opus": at_list_price("opus", 10, 1000, 0, 0, 100)}
    after = {"haiku": at_list_price("haiku", 10, 0, 1050, 0, 50)}

    assert parts(bridge(after, before, RATES)) == {
        "model mix": after["haiku"].nano - before["opus"].nano
    }


def test_another_price_for_the_same_tokens_is_price() -> None:
    before = {"opus": at_list_price("opus", 10, 1000, 0, 0, 100)}
    fast = before["opus"]._replace(nano=before["opus"].nano * 6)

    assert parts(bridge({"opus": fast}, before, RATES)) == {"price": before["opus"].nano * 5}


def test_a_model_without_rates_counts_its_tokens_alike() -> None:
    before = {"mine": Consumption(1, (100, 0, 0, 0), 1000)}
    after = {"mine": Consumption(1, (50, 0, 0, 50), 1000)}

    assert parts(bridge(after, before, {})) == {}


def test_nothing_before_is_all_volume() -> None:
    after = {"opus": at_list_price("opus", 10, 1000, 0, 0, 100)}

    assert parts(bridge(after, {}, RATES)) == {"request volume": after["opus"].nano}
    assert parts(bridge({}, after, RATES)) == {"request volume": -after["opus"].nano}
