"""`tokwatch what-if`: a range repriced, in words and as JSON."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.cli.reports import DAY_MS, MARCH_MS, World
from tests.store.build import Made
from tokwatch.model.card import card_at, cost_nano
from tokwatch.prices.resolve import resolve

PLAIN = Made(
    MARCH_MS,
    model="claude-opus-4-5",
    input=1_000,
    cache_read=150_000,
    cache_write_5m=60_000,
    cache_write_1h=0,
    output=500,
)


def priced(one: Made, model: str = "") -> int:
    """Price a request by itself, as the ingest does."""
    card = card_at(resolve("anthropic", model or one.model).cards, one.at_ms, one.prompt)
    assert card is not None
    written = (one.cache_write_5m or 0, one.cache_write_1h or 0)
    return cost_nano(card, one.input or 0, one.cache_read or 0, *written, one.output or 0)


@pytest.fixture
def store(world: World) -> World:
    """Return a store with two opus requests on two days, a haiku one, and one without a price."""
    made = [
        PLAIN,
        replace(PLAIN, at_ms=MARCH_MS + DAY_MS, project="/code/docs"),
        replace(PLAIN, model="claude-haiku-4-5", cache_read=3_000),
        replace(PLAIN, model="nobody-knows-this", computed_nano=None),
    ]
    world.holds(
        [one if one.computed_nano is None else replace(one, computed_nano=priced(one))
         for one in made]
    )  # fmt: skip
    return world


def document(world: World, *arguments: str) -> dict[str, object]:
    """Return what is printed as JSON."""
    done = world.run("what-if", *arguments, "--json", "--no-refresh")
    assert done.code == 0, done.err
    found: dict[str, object] = done.json
    return found


def test_models_are_listed_from_the_cheapest(store: World) -> None:
    done = store.run("what-if", "--no-refresh")
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0].startswith("4 requests, 699,000 tokens, computed $")
    assert lines[0].endswith("the largest prompt 211,000 tokens")
    assert "as cached     no cache    1 h cache        batch  window" in lines[2]
    costs = [float(line.split("$")[1].split()[0].replace(",", "")) for line in lines[3:]]
    assert costs == sorted(costs)
    (opus,) = [line for line in lines if line.startswith("* claude-opus-4-5 ")]
    assert "200,000: too small for 3 requests" in opus
    assert "nobody-knows-this has no price: its 211,500 tokens" in done.err


def test_each_model_is_the_sum_of_requests_priced_by_themselves(store: World) -> None:
    found = document(store, "--of", "claude-*")
    models = found["models"]
    assert isinstance(models, list)
    by_name = {row["modelName"]: row for row in models}
    made = [PLAIN, PLAIN, replace(PLAIN, model="claude-haiku-4-5", cache_read=3_000)]
    for name in ("claude-opus-4-5", "claude-haiku-4-5", "claude-sonnet-4-5"):
        row = by_name[name]
        assert row["nano"]["cached"] == sum(priced(one, name) for one in made)
        assert row["cost"]["cached"] == row["nano"]["cached"] / 1e9
        assert row["isUsed"] is (name != "claude-sonnet-4-5")
    assert found["computedNano"] == sum(priced(one) for one in made)
    assert found["unpriced"] == []


def test_json_has_the_documented_keys(store: World, request: pytest.FixtureRequest) -> None:
    page = (request.config.rootpath / "docs" / "what-if.md").read_text("utf-8")
    found = document(store)
    models = found["models"]
    assert isinstance(models, list)
    row = models[-1]
    names = {*found, *row, *row["nano"], *row["byModel"][0], *found["unpriced"][0]}  # type: ignore[index]  # a list
    assert {name for name in names if f"`{name}`" not in page} == set()


def test_days_projects_and_models_narrow(store: World) -> None:
    assert document(store, "--since", "2026-03-24")["requests"] == 1
    assert document(store, "--until", "2026-03-23")["requests"] == 3
    assert document(store, "--project", "docs")["requests"] == 1
    assert document(store, "--of", "claude-opus*", "--source", "claude-code")["requests"] == 2
    assert document(store, "--of", "none-such")["requests"] == 0


def test_only_the_models_asked_for_are_listed(store: World) -> None:
    done = store.run(
        "what-if", "--model", "claude-sonnet-4-5", "--model", "x\x1b-unknown", "--no-refresh"
    )
    assert done.code == 1
    assert [line.split()[0] for line in done.out.splitlines()[3:]] == ["claude-sonnet-4-5"]
    assert "no price is known for x?-unknown" in done.err


def test_without_a_request_no_model_is_listed(store: World) -> None:
    assert store.run("what-if", "--no-refresh", "--since", "20300101").out.count("\n") == 1


def test_before_there_is_a_store_nothing_is_repriced(world: World) -> None:
    done = world.run("what-if", "--no-refresh")
    assert (done.code, done.out.splitlines()[0]) == (
        0,
        "0 requests, 0 tokens, computed $0.0000; the largest prompt 0 tokens",
    )
