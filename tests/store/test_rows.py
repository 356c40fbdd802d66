"""Rows of the staging table: both engines make the same ones, and part them alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.row_engines import (
    COMPILED_ENGINE,
    ENGINES,
    KEYS,
    LOGS,
    NEVER,
    NOON_MS,
    OPEN,
    PLAIN_ENGINE,
    Cards,
    Engine,
    Ids,
    engine_of,
    exact,
    rates,
    rows,
    sightings,
)
from tokwatch.model.event import Grade, ModelName, Scope, Sighting
from tokwatch.store import rows as plain
from tokwatch.store.pricing import Rates
from tokwatch.store.rows import Priced, Told

A, B = Scope("claude-code", "a"), Scope("claude-code", "b")
M, N = ModelName("anthropic", "m"), ModelName("anthropic", "n")
RATES = Rates(0, OPEN, -1, OPEN, 1_000, 100, 1_250, 2_000, 5_000, 10_000_000)
FRESH_ALONE = Rates(0, OPEN, -1, OPEN, 1_000, 0, 0, 0, 0, 0)


def sighting(
    *counts: int | None,
    key: int = 5,
    at_ms: int = NOON_MS,
    scope: Scope = A,
    model: ModelName = M,
    requests: int = 1,
    searches: int = 0,
    grade: int = Grade.RECORD,
) -> Sighting:
    """Return a sighting with some counts, from fresh input on; the others are nought."""
    fresh, read, short, long, output = counts + (0,) * (5 - len(counts))
    return Sighting(
        *(key, at_ms, at_ms - 3, scope, model, requests, fresh, read, short, long, output),
        *(None, searches, None, None, int(grade), 1, 0, 70),
    )


def row(key: int, log: int = 1, *, first_ms: int = NOON_MS, grade: int = Grade.RECORD) -> Priced:
    """Return a row that tells nothing but this."""
    counts = (None, None, None, None, None, None, 0, None, None)
    return (key, log, first_ms, first_ms, 1, 1, 1, *counts, int(grade), 1, 0, 0, 1, None)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    """Return each engine."""
    return engine_of(request.param)


def cost(engine: Engine, found: Sighting, *cards: Rates) -> int | None:
    """Return what a sighting costs by the cards of its model."""
    [made] = engine.rows_of([([found], 1)], 0, Ids(), Cards(cards))
    return made[21]


def made_by(engine: Engine, told: Told, salt: int, cards: list[list[Rates]]) -> str:
    """Return the rows, and what was asked for to make them."""
    ids, known = Ids(), Cards(*cards)
    found = engine.rows_of(told, salt, ids, known)
    return exact((found, ids.asked, list(known.asked)))


@settings(max_examples=60)
@given(data=st.data(), odd=st.booleans(), salt=st.sampled_from([0, 1, 2**63 - 1, 2**70]))
def test_both_make_the_same_rows(data: st.DataObject, odd: bool, salt: int) -> None:
    each = sightings(odd)
    shared = st.lists(each, max_size=3).map(lambda found: [one for one in found for _ in "ab"])
    told = data.draw(st.lists(st.tuples(st.lists(each, max_size=4) | shared, LOGS), max_size=4))
    told = [([tuple(one) if odd else one for one in found], log) for found, log in told]  # type: ignore[misc]
    cards = data.draw(st.lists(rates(odd), max_size=3))

    compiled, in_python = engine_of(COMPILED_ENGINE), engine_of(PLAIN_ENGINE)

    assert made_by(compiled, told, salt, cards) == made_by(in_python, told, salt, cards)


@settings(max_examples=60)
@given(batches=st.lists(st.lists(rows(odd=True), max_size=6), max_size=3))
def test_both_tell_the_same_keys_again(batches: list[list[Priced]]) -> None:
    told = []
    for engine in (engine_of(COMPILED_ENGINE), engine_of(PLAIN_ENGINE)):
        seen: set[int] = set()
        told.append([exact(engine.told_again(batch, seen)) for batch in batches] + [exact(seen)])

    assert told[0] == told[1]


@settings(max_examples=60)
@given(batch=st.lists(rows(odd=True), max_size=9), contested=st.sets(KEYS, max_size=6))
def test_both_part_rows_alike(batch: list[Priced], contested: set[int]) -> None:
    compiled, in_python = engine_of(COMPILED_ENGINE), engine_of(PLAIN_ENGINE)

    assert exact(compiled.parted(batch, contested)) == exact(in_python.parted(batch, contested))


def test_a_row_has_ids_for_names_and_a_key_of_the_workspace(engine: Engine) -> None:
    found = sighting(1_000, 2_000, 3_000, 4_000, 5_000, key=6, scope=B, searches=2)

    made = engine.rows_of([([found], 7)], 3, Ids(), Cards([RATES]))

    nano = 1_000 + 200 + 3_750 + 8_000 + 25_000 + 20_000_000
    assert made == [
        (
            *(6 ^ 3, 7, NOON_MS, NOON_MS - 3, 1_000, 1, 1, 1_000, 2_000, 3_000, 4_000, 5_000),
            *(None, 2, None, None, 1, 1, 0, 70, 1, nano),
        )
    ]


def test_neighbours_that_share_names_ask_for_them_once(engine: Engine) -> None:
    twins = [Scope("claude-code", "a"), Scope("claude-code", "a")]
    first = [sighting(), sighting(), sighting(scope=twins[0]), sighting(scope=twins[1], model=N)]
    ids, cards = Ids(), Cards([RATES], [])

    made = engine.rows_of([(first, 1), ([sighting(scope=twins[1], model=M)], 2)], 0, ids, cards)

    assert ids.asked == [A, M, A, A, N, M]
    assert list(cards.asked) == [1, 2]
    assert [found[4:6] for found in made] == [(1_000, 1)] * 3 + [(1_000, 2), (1_000, 1)]
    assert [found[21] for found in made] == [0, 0, 0, None, 0]


def test_the_mean_prompt_of_several_requests_decides_the_rates(engine: Engine) -> None:
    small = RATES._replace(upto_tokens=200_000)
    large = RATES._replace(above_tokens=200_000, input=9_000, cache_read=9_000)
    cards = (small, large)

    assert cost(engine, sighting(200_000), *cards) == 200_000
    assert cost(engine, sighting(200_000), large, small) == 200_000, "the threshold's is small"
    assert cost(engine, sighting(200_001), *cards) == 9 * 200_001
    assert cost(engine, sighting(0, 0, 0, 200_001), *cards) == 400_002, "of which none is fresh"
    assert cost(engine, sighting(100_000, 0, 50_000, 50_001), *cards) == 900_000 + 162_502
    assert cost(engine, sighting(400_000, requests=2), *cards) == 400_000
    assert cost(engine, sighting(600_002, requests=3), *cards) == 600_002, "a mean rounds down"
    assert cost(engine, sighting(600_003, requests=3), *cards) == 9 * 600_003
    assert cost(engine, sighting(200_001, requests=0), *cards) == 9 * 200_001
    assert cost(engine, sighting(5, 0, 0, 0, 900_000), *cards) == 4_500_005, "output is no prompt"


def test_growth_of_a_total_has_a_small_prompt_s_rates(engine: Engine) -> None:
    cards = RATES._replace(upto_tokens=200_000), RATES._replace(above_tokens=200_000, input=9_000)

    assert cost(engine, sighting(5_000_000, grade=Grade.DERIVED), *cards) == 5_000_000
    assert cost(engine, sighting(2**40, grade=Grade.DERIVED), *cards) == 2**40
    for grade in {*Grade, 2**70} - {Grade.DERIVED}:
        assert cost(engine, sighting(5_000_000, grade=grade), *cards) == 45_000_000
    assert cost(engine, sighting(5, grade=Grade.DERIVED), cards[1]) is None


def test_a_card_holds_from_its_first_instant_to_before_its_last(engine: Engine) -> None:
    early = RATES._replace(until_ms=NOON_MS, input=2_000)
    late = RATES._replace(since_ms=NOON_MS, until_ms=NOON_MS + 10)

    def at(moment: int) -> int | None:
        return cost(engine, sighting(1_000, at_ms=moment), early, late)

    assert [at(NOON_MS - 1), at(NOON_MS), at(NOON_MS + 9)] == [2_000, 1_000, 1_000]
    assert at(NOON_MS + 10) is None
    assert at(-1) is None
    assert cost(engine, sighting(1_000)) is None, "without any card"


def test_the_first_card_that_fits_is_taken(engine: Engine) -> None:
    assert cost(engine, sighting(1_000), RATES, RATES._replace(input=7)) == 1_000
    for number in (15, 16, 17):
        assert cost(engine, sighting(1_000), *[NEVER] * number, RATES) == 1_000


def test_half_a_nano_dollar_is_rounded_up(engine: Engine) -> None:
    def of(rate: int, searches: int = 0) -> int | None:
        card = RATES._replace(input=rate, web_search=3)
        return cost(engine, sighting(1, searches=searches), card)

    assert [of(499), of(500), of(1_499), of(1_500)] == [0, 1, 1, 2]
    assert of(499, searches=2) == 6, "searches are not per thousand"


def test_what_is_unknown_costs_nothing(engine: Engine) -> None:
    assert cost(engine, sighting(None, None, None, None, None), RATES) == 0
    assert cost(engine, sighting(1_000, None, None, None, None), RATES) == 1_000


@pytest.mark.parametrize("count", [2**30 - 1, 2**30, 2**40, 2**63, -1, -1_001, -(2**63) - 1])
def test_no_count_is_too_large_or_too_small(engine: Engine, count: int) -> None:
    rate = 2**30 - 1
    for place in range(5):
        prices = [1_000] * 6
        prices[place] = rate
        card = Rates._make([0, OPEN, -(2**63), OPEN, *prices])
        counts = [2_000] * 5
        counts[place] = count
        fits = sum(counts[:4]) <= OPEN

        expected = (8_000_000 + count * rate + 500) // 1000 if fits else None
        assert cost(engine, sighting(*counts), card) == expected


def test_the_largest_numbers_that_c_takes_are_no_larger_than_it_holds(engine: Engine) -> None:
    most = 2**30 - 1
    for rate in (most, 2 * most):
        card = Rates(0, OPEN, -1, OPEN, *(rate,) * 6)

        found = cost(engine, sighting(*(most,) * 5, searches=2**20 - 1), card)

        assert found == (5 * most * rate + 500) // 1000 + (2**20 - 1) * rate


def test_a_rate_may_be_too_large_or_too_small(engine: Engine) -> None:
    for rate in (2**30, 2**62, 2**63, -1, -1_001):
        card = FRESH_ALONE._replace(input=rate)
        assert cost(engine, sighting(7), card) == (7 * rate + 500) // 1000
        card = FRESH_ALONE._replace(web_search=rate)
        assert cost(engine, sighting(searches=7), card) == 7 * rate


def test_keys_are_told_again_where_they_were_seen_or_are_of_ghosts(engine: Engine) -> None:
    seen = {1, 9}
    batch = [row(1), row(2), row(3), row(3), row(4, grade=Grade.GHOST), row(5, grade=Grade.DERIVED)]

    assert engine.told_again(batch, seen) == {1, 3, 4}
    assert seen == {1, 2, 3, 4, 5, 9}
    assert engine.told_again([row(5)], seen) == {5}
    assert engine.told_again([], seen) == set()


def test_rows_are_parted_by_their_keys_in_their_order(engine: Engine) -> None:
    one, two, three = row(1), row(2), row(3)

    assert engine.parted([three, one, two], {1, 8})[:2] == ([three, two], [one])
    assert engine.parted([three, one, two], set())[:2] == ([three, one, two], [])
    assert engine.parted([], {1}) == ([], [], {})


def test_the_earliest_is_the_first_record_that_a_log_alone_tells(engine: Engine) -> None:
    """In any order of logs; what is contested or no record of its own is none."""
    batch = [
        row(1, 2, first_ms=50),
        row(2, 1, first_ms=40),
        row(3, 2, first_ms=30),
        row(4, 2, first_ms=45),
        row(5, 2, first_ms=10),
        row(6, 2, first_ms=5, grade=Grade.ECHO),
        row(7, 3, first_ms=5, grade=Grade.DERIVED),
        row(8, 1, first_ms=41),
        row(9, 4, first_ms=2**70),
    ]

    rest, _, earliest = engine.parted(batch, {5})

    assert len(rest) == 8
    assert list(earliest.items()) == [(2, 30), (1, 40), (4, 2**70)]


class Broken(Ids):
    """Cannot tell the id of one model."""

    def model_id(self, model: ModelName) -> int:
        if model is N:
            raise LookupError(model)
        return super().model_id(model)


@given(batch=st.lists(rows(odd=True), max_size=12), at_once=st.integers(1, 5))
def test_packed_rows_are_the_same_rows(batch: list[Priced], at_once: int) -> None:
    for name in ENGINES:
        engine = engine_of(name)
        found: list[tuple[int | None, ...]] = []
        for lacking, many, rest in engine.packed(batch, at_once):
            width = len(batch[0]) - len(lacking)
            assert len(rest) < at_once
            assert {len(values) for values in rest} <= {width}
            assert {len(values) for values in many} <= {at_once * width}
            for values in (*many, *rest):
                told = iter(values)
                for _ in range(len(values) // width):
                    found.append(tuple(None if at in lacking else next(told) for at in range(22)))
        assert Counter(map(repr, found)) == Counter(map(repr, batch))


def test_rows_are_packed_by_what_they_lack() -> None:
    engine = engine_of(COMPILED_ENGINE)
    full: tuple[Any, ...] = tuple(range(22))
    bare: tuple[Any, ...] = tuple(None if at in (12, 14, 15, 21) else at for at in full)
    some: tuple[Any, ...] = tuple(None if at in (14, 8) else at for at in full)

    found = {lacking: (many, rest) for lacking, many, rest in engine.packed([full, some, bare], 1)}

    assert found == {
        (): ([full], []),
        (14,): ([some[:14] + some[15:]], []),
        (12, 14, 15, 21): ([tuple(value for value in bare if value is not None)], []),
    }


def test_nothing_is_packed_where_there_is_nothing(engine: Engine) -> None:
    assert engine.packed([], 3) == []


def test_a_trouble_with_an_id_is_the_caller_s(engine: Engine) -> None:
    told = [([sighting(7), sighting(8, model=N), sighting(9)], 1)]

    with pytest.raises(LookupError):
        engine.rows_of(told, 0, Broken(), Cards([RATES]))


def test_what_has_not_a_row_s_width_is_refused() -> None:
    """Where places in a tuple are taken without a look."""
    compiled = engine_of(COMPILED_ENGINE)
    calls: list[Callable[[Any], object]] = [  # what is none of their types
        lambda rows: compiled.packed(rows, 2),
        compiled.cells_of,
        lambda rows: compiled.parted(rows, set()),
        lambda rows: compiled.told_again(rows, set()),
    ]

    for bad in ((), sighting()[:-1], (*sighting(), 0), None, [*sighting()]):
        told: Any = [([bad], 1)]
        with pytest.raises(ValueError, match="not a sighting"):
            compiled.rows_of(told, 0, Ids(), Cards())
    for call in calls:
        for short in ((), row(1)[:-1], (*row(1), 0)):
            with pytest.raises(ValueError, match="not a row"):
                call([short])
        for none in (None, [*row(1)]):
            with pytest.raises(TypeError):
                call([none])


def test_ordinary_numbers_need_no_python(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = engine_of(COMPILED_ENGINE)
    monkeypatch.setattr(plain.quick_rows, "nano_of", None)
    counts = (2**30 - 1, None, 3, 0, 7)
    found = sighting(*counts, requests=2**30 - 1, searches=2**20 - 1, grade=Grade.ECHO)
    cards = [*[NEVER] * 15, RATES._replace(input=2**30 - 1)]

    assert compiled.rows_of([([found], 1)], 0, Ids(), Cards(cards))[0][21] is not None
    assert compiled.rows_of([([found], 1)], 0, Ids(), Cards([]))[0][21] is None
