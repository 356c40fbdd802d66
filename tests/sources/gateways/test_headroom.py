"""headroom's request log, by GATEWAYS 1.5 and its own source."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sources.gateways.headroom_logs import AT, AT_MS, line, log
from tests.sources.road import Fields, reading
from tests.sources.test_roots import sourced
from tokwatch.model.event import Grade, RequestFact, Sighting, event_key
from tokwatch.model.reading import Reading
from tokwatch.sources.discover import Walk
from tokwatch.sources.source import Root, Surroundings

SOURCE = "headroom"
KEY = event_key(SOURCE, "hr_1785578400_000001")
NOTHING: Fields = {
    **{"input_tokens_original": 0, "input_tokens_optimized": 0, "output_tokens": 0},
    **{"cache_read_tokens": 0, "cache_write_tokens": 0, "uncached_input_tokens": 0},
    "tokens_saved": 0,
}


def read(home: Path, *lines: bytes) -> Reading:
    """Return a reading of these lines as one log."""
    return reading(SOURCE, log(home, *lines), home)


def classes(found: Sighting) -> tuple[int | None, ...]:
    """Return the token classes of a request."""
    return (found.input, found.cache_read, found.cache_write_5m, found.output)


def test_a_record_is_a_witness_of_a_request(home: Path) -> None:
    """1.5: what the provider counted, not what headroom estimated."""
    (found,) = read(home, line()).sightings

    assert classes(found) == (21, 5_000, 700, 42)
    assert (found.key, found.grade, found.requests, found.final) == (KEY, Grade.WITNESS, 1, 1)
    assert (found.cache_write_1h, found.reasoning, found.logged_nano) == (0, None, None)
    assert (found.instant_ms, found.model[:2]) == (AT_MS, ("anthropic", "claude-sonnet-4-5"))
    assert found.scope[1:7] == ("headroom", "", "shop", "", "", "claude-code")


def test_what_it_saved_is_a_fact(home: Path) -> None:
    """K8: tokens taken out before the request was sent on."""
    assert set(read(home, line()).facts) == {
        RequestFact(KEY, "duration_ms", 4_200),
        RequestFact(KEY, "tokens_saved", 2_900),
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        # Elsewhere the cache writes are inferred from the uncached input, which has them.
        ({"provider": "openai", "uncached_input_tokens": 1_100}, (1_100, 5_000, 0, 42)),
        ({"provider": "bedrock-eu"}, (21, 5_000, 700, 42)),
        # Gemini tells cache reads only, older versions nothing: what was sent is an estimate.
        ({"provider": "gemini", "uncached_input_tokens": 0}, (1_100, 5_000, 0, 42)),
        (
            {"uncached_input_tokens": None, "cache_read_tokens": None, "cache_write_tokens": None},
            (6_100, 0, 0, 42),
        ),
        ({"uncached_input_tokens": 0}, (0, 5_000, 700, 42)),
        ({"output_tokens": None}, (21, 5_000, 700, None)),
    ],
)
def test_providers_tell_different_counts(
    home: Path, changes: Fields, expected: tuple[int | None, ...]
) -> None:
    """1.5: the record does not say which of them it has."""
    assert classes(read(home, line(**changes)).sightings[0]) == expected


def test_an_answer_from_its_own_cache_cost_nothing(home: Path) -> None:
    """1.5: `cache_hit` with tokens is the provider's cache, without any its own."""
    found = read(home, line(), line(2, **NOTHING))
    hit = event_key(SOURCE, "hr_1785578400_000002")

    assert [(it.requests, it.input) for it in found.sightings] == [(1, 21), (0, 0)]
    assert [fact.key for fact in found.facts if fact.name == "response_cache_hit"] == [hit]


def test_a_failure_cost_nothing_and_is_no_hit(home: Path) -> None:
    """1.5: it has an error in place of tokens."""
    found = read(home, line(error="overloaded", cache_hit=False, **NOTHING))

    assert [it.requests for it in found.sightings] == [0]
    assert [fact.name for fact in found.facts] == ["duration_ms"]


def test_a_broken_answer_is_a_lower_bound(home: Path) -> None:
    """0.6: what came before the fault was billed."""
    assert [it.final for it in read(home, line(error="cut")).sightings] == [0]
    assert [it.final for it in read(home, line(output_tokens=None)).sightings] == [0]


def test_a_record_written_twice_counts_once(home: Path) -> None:
    """Its id is its own; without one it is a request of its own."""
    found = read(home, line(), line(output_tokens=50), line(request_id=None), line(request_id=7))

    assert [it.output for it in found.sightings] == [50, 42, 42]
    assert found.tally.repeated == 1


def test_a_record_of_another_shape_is_told(home: Path) -> None:
    """Unknown is shown, with names of fields and no values."""
    found = read(home, line(input_tokens_optimized="many"), line(2), b"{broken\n")

    assert (len(found.sightings), found.tally.unknown, found.tally.bad_lines) == (1, 1, 0)


@pytest.mark.parametrize("at", [None, "soon", True, -1])
def test_a_record_without_a_time_is_undated(home: Path, at: object) -> None:
    """0.7: not counted, but shown."""
    found = read(home, line(timestamp=at))

    assert (list(found.sightings), found.tally.undated) == ([], 1)


def test_the_environment_names_its_log(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """1.5: one file, whatever lies beside it; without the variable there is none."""
    monkeypatch.undo()
    source = sourced(SOURCE)
    named = log(home, line(timestamp=AT)).rename(home / "requests.txt")
    (home / "other.jsonl").write_bytes(line())
    where = Surroundings(home, {"HEADROOM_LOG_FILE": "~/requests.txt"}, "linux")

    assert source.roots(where) == (Root(named, shallow=True),)
    assert [it.path for it in Walk().over(source.roots(where), source.wants)] == [str(named)]
    assert source.roots(Surroundings(home, {}, "linux")) == ()
    assert source.wants("/x/headroom.jsonl")
    assert (source.title_of(home, ""), source.resume_command("s")) == ("", "")
    assert source.retention(where) == ""
