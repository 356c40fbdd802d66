"""Amp: usage of a thread's messages, and of the ledger of older versions (FORMATS 2.7)."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.agents.amp_logs import (
    AT,
    AT_MS,
    PROJECT,
    THREAD,
    amp_log,
    answered,
    asked,
    event,
    folder,
    ledger,
    thread,
    used,
)
from tests.sources.agents.spoilt import HOSTILE, bytes_of, shuffled, spoilt
from tests.sources.agents.test_pi import classes, folders
from tests.sources.reference_text import instant
from tests.sources.road import CANARY, Fields, Road, Spent, reading, write
from tokwatch.model.event import Grade, Sighting
from tokwatch.model.reading import Reading
from tokwatch.sources import source_named

SOURCE = "amp"
CALL = Spent(1, 5, 1_200, 0, 30_000, 400, 0)


def read(home: Path, told: object) -> Reading:
    """Return a reading of a thread."""
    return reading(SOURCE, amp_log(home, told), folder(home))


def sightings(home: Path, told: object) -> list[Sighting]:
    """Return what a thread tells."""
    return list(read(home, told).sightings)


def test_an_answer_counts_in_its_classes(home: Path) -> None:
    """2.7: input excludes the cache; the window is told."""
    (one,) = sightings(home, thread(asked(), answered()))

    assert classes(one) == (5, 30_000, 1_200, 0, 400, None)
    assert one.scope[:5] == (SOURCE, THREAD, "", PROJECT, "main")
    assert one.model == ("", "claude-opus-4-8", "standard")
    assert (one.instant_ms, one.window, one.final) == (AT_MS, 200_000, 1)
    assert (one.grade, one.logged_nano) == (Grade.RECORD, None)


def test_an_event_of_the_ledger_takes_its_messages_cache(home: Path) -> None:
    """2.7: the ledger has no cache tokens; the message that it points to has."""
    (one,) = sightings(home, thread(asked(), answered(), **ledger(event())))

    assert classes(one) == (5, 30_000, 1_200, 0, 400, None)
    assert one.window == 200_000


def test_an_event_without_a_message_has_an_unknown_cache(home: Path) -> None:
    (one,) = sightings(home, thread(asked(), **ledger(event())))

    assert classes(one) == (5, None, None, None, 400, None)


def test_messages_behind_the_ledger_count_by_themselves(home: Path) -> None:
    """2.7: newer versions write no ledger, in threads that have one, too."""
    told = thread(answered(1), answered(3), **ledger(event(1)))

    assert len(sightings(home, told)) == 2


def test_an_event_that_points_nowhere_may_be_of_any_message(home: Path) -> None:
    told = thread(answered(1), answered(3), **ledger(event(None), event(None, identity="e2")))

    assert [one.cache_read for one in sightings(home, told)] == [None, None]


def test_two_events_of_a_message_are_two_requests(home: Path) -> None:
    """A request that was made again: the message's cache is that of one of them."""
    told = thread(answered(1), **ledger(event(1), event(1, output=7, identity="e2")))

    assert [(one.output, one.cache_read) for one in sightings(home, told)] == [
        (400, 30_000),
        (7, None),
    ]


def test_a_thread_that_loses_its_ledger_counts_once(home: Path, road: Road) -> None:
    """The same request keeps its key, whichever part of the thread tells it."""
    messages = (asked(), answered(1), asked(2), answered(3))
    amp_log(home, thread(*messages, **ledger(event(1), event(3, identity="e2"))))
    road.read()
    amp_log(home, thread(*messages))
    road.read()

    assert road.total() == CALL.plus(CALL)


def test_a_time_that_is_missing_is_the_prompts(home: Path) -> None:
    """2.7: model and time may be absent."""
    bare = {name: count for name, count in used().items() if name not in ("timestamp", "model")}
    later = AT_MS + 60_000

    found = read(home, thread(answered(1, bare), asked(2, later), answered(3, bare)))

    assert [one.instant_ms for one in found.sightings] == [later]
    assert found.sightings[0].model.name == "unknown"
    assert found.tally.undated == 1


@pytest.mark.parametrize("state", ["streaming", "cancelled", "error"])
def test_an_answer_that_was_cut_is_a_lower_bound(home: Path, state: str) -> None:
    (one,) = sightings(home, thread(answered(state={"type": state})))

    assert one.final == 0


def test_the_last_state_of_an_answer_counts(home: Path, road: Road) -> None:
    """0: the document is written anew at each change; any state may be read."""
    amp_log(home, thread(asked(), answered(1, used(output=3), state={"type": "streaming"})))
    road.read()
    for _ in range(2):
        amp_log(home, thread(asked(), answered(1), asked(2)))
        road.read()

    assert road.total() == CALL


def test_an_answer_of_nothing_is_no_request(home: Path) -> None:
    assert sightings(home, thread(answered(1, used(0, 0, 0, 0)))) == []


def test_usage_of_an_unknown_shape_is_told(home: Path) -> None:
    found = read(home, thread(answered(1, {"promptTokens": 9, "credits": 1})))

    assert (found.sightings, found.tally.unknown) == ([], 1)
    assert found.tally.sample == "credits, promptTokens"


def test_a_windows_folder_is_a_path(home: Path) -> None:
    tree = {"uri": "file:///c%3A/Users/ana/shop"}
    found = sightings(home, thread(answered(), env={"initial": {"trees": [{}, tree]}}))

    assert found[0].scope.project == "c:/Users/ana/shop"


def test_names_are_made_safe_and_no_prompt_is_stored(
    home: Path, road: Road, tmp_path: Path
) -> None:
    """4.7: log text is hostile, and private."""
    (one,) = sightings(home, thread(answered(1, used(model=HOSTILE)), id=HOSTILE))
    amp_log(home, thread(asked(), answered(), title=CANARY))
    road.read()

    told = [one.model.name, one.scope.session]
    assert not any(mark in name for name in told for mark in "\x1b\x07\u202e\ud800")
    stored = b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir())
    assert CANARY.encode() not in stored


COUNTS = st.tuples(*[st.integers(0, 9**6)] * 4)
EVENTS = st.lists(
    st.tuples(st.sampled_from([0, 1, 2, 7]), st.integers(0, 9**6), st.integers(0, 9**6)), max_size=4
)


@given(
    told=st.lists(COUNTS, max_size=4),
    ledged=EVENTS,
    points=st.booleans(),
    order=st.randoms(use_true_random=False),
    indent=st.sampled_from([0, 2]),
)
def test_shuffled_keys_and_odd_spacing_change_nothing(
    tmp_path_factory: pytest.TempPathFactory,
    told: list[tuple[int, int, int, int]],
    ledged: list[tuple[int, int, int]],
    points: bool,
    order: random.Random,
    indent: int,
) -> None:
    """4.2: a record is what JSON says it is; a slow second reader agrees, ledger or not."""
    messages = [answered(place, used(*counts)) for place, counts in enumerate(told)]
    events = [event(*one, f"e{place}") for place, one in enumerate(ledged)]
    if not points:
        events = [event(None, 3, 4, "nowhere"), *events]
    home = tmp_path_factory.mktemp("odd")
    whole = thread(*messages, **ledger(*events)) if ledged else thread(*messages)
    spelt = json.dumps(shuffled(order, whole), indent=indent or None).encode()
    log = write(folder(home) / f"{THREAD}.json", b"\xef\xbb\xbf", spelt, b"\0\n")

    found = reading(SOURCE, log, folder(home)).sightings

    counted = sorted(((one.instant_ms, *classes(one)) for one in found), key=str)
    assert counted == reference(json.loads(spelt))


def reference(told: Fields) -> list[tuple[int | None, ...]]:
    """Return what a thread amounts to: events of the ledger, then messages that none points to."""
    usages = {message["messageId"]: message["usage"] for message in told["messages"]}
    slow: list[tuple[int | None, ...]] = []
    left, points_nowhere = dict(usages), False
    for one in told.get("usageLedger", {}).get("events", []):
        fresh, output = one["tokens"]["input"], one["tokens"]["output"]
        if fresh + output == 0:
            continue
        points_nowhere |= "toMessageId" not in one
        beside = left.pop(one.get("toMessageId"), None)
        read = beside["cacheReadInputTokens"] if beside else None
        written = beside["cacheCreationInputTokens"] if beside else None
        longer = None if beside is None else 0
        slow.append((instant(one["timestamp"]), fresh, read, written, longer, output, None))
    for usage in () if points_nowhere else left.values():
        names = ("inputTokens", "cacheReadInputTokens", "cacheCreationInputTokens")
        parts = [usage[name] for name in (*names, "outputTokens")]
        if any(parts):
            slow.append((instant(usage["timestamp"]), *parts[:3], 0, parts[3], None))
    return sorted(slow, key=str)


@given(spoilt(answered(5)), spoilt(event(7)))
def test_garbage_costs_no_good_record(
    tmp_path_factory: pytest.TempPathFactory, message: object, ledged: object
) -> None:
    """4.2: whatever stands between them, good records count."""
    home = tmp_path_factory.mktemp("bad")
    told = thread(answered(1), **ledger(event(3)))
    told["messages"] += [message, answered(3)]
    told["usageLedger"]["events"].insert(0, ledged)
    log = write(folder(home) / f"{THREAD}.json", bytes_of(told))

    found = reading(SOURCE, log, folder(home)).sightings

    assert sum(one.output == 400 for one in found) >= 1
    assert all(count >= 0 for one in found for count in classes(one) if count)


@given(st.binary(max_size=80), st.integers(0, 400))
def test_a_torn_document_is_counted_as_bad(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, end: int
) -> None:
    """4.2: what was read before stays; the next change brings the whole document."""
    home = tmp_path_factory.mktemp("torn")
    torn = bytes_of(thread(answered()))[:end]

    for content in (torn, noise, torn + noise):
        log = write(folder(home) / f"{THREAD}.json", content)
        found = reading(SOURCE, log, folder(home))
        assert not found.sightings
        assert found.tally.bad_lines <= 1


def test_titles_folders_and_names(home: Path) -> None:
    """Titles are the thread's own or its first words; the override replaces the folder."""
    source = source_named(SOURCE)
    assert source is not None
    titled = amp_log(home, thread(asked(text="x"), title="Fix \x1b[1mit"))
    words = amp_log(home, thread(asked(text="fix  the\nbuild")), "T-2")

    assert source.title_of(titled, THREAD) == "Fix [1mit"
    assert source.title_of(words, "T-2") == "fix the build"
    assert source.title_of(home / "none", "") == ""
    assert source.resume_command("T-1; x") == "amp threads continue 'T-1; x'"
    assert source.wants(f"/a/threads/{THREAD}.json")
    assert not source.wants("/a/threads/index.json")
    assert folders(SOURCE, home) == [".local/share/amp/threads"]
    assert folders(SOURCE, home, AMP_DATA_DIR=str(home / "a")) == ["a/threads"]
    assert folders(SOURCE, home, XDG_DATA_HOME=str(home / "d")) == ["d/amp/threads"]
    assert instant(AT) == AT_MS
