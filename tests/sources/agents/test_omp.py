"""Oh My Pi and Prime Agent: what they add to pi's sessions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sources.agents.pi_logs import (
    PROJECT,
    SESSION,
    answer,
    entry,
    header,
    name_of,
    prompt,
    usage,
)
from tests.sources.agents.test_pi import classes, folders
from tests.sources.road import Fields, Road, reading, spelt, write
from tokwatch.model.reading import AgentNote, Reading
from tokwatch.sources import source_named

SOURCE = "omp"
FOLDER = "-shop"


def sessions(home: Path) -> Path:
    """Return the folder of sessions."""
    return home / ".omp" / "agent" / "sessions"


def slot(title: str = "") -> bytes:
    """Return the first line of a session: room for its title, which is written over."""
    return spelt({"type": "title", "title": title, "pad": " " * 150})


def read(home: Path, *entries: Fields) -> Reading:
    """Return a reading of these entries as one session."""
    lines = [slot(), header(), *map(spelt, entries)]
    log = write(sessions(home) / FOLDER / name_of(SESSION), *lines)
    return reading(SOURCE, log, sessions(home))


def test_a_title_may_stand_before_the_header(home: Path) -> None:
    """2.10: the title's line is no header."""
    (found,) = read(home, answer()).sightings

    assert found.scope[:4] == (SOURCE, SESSION, "", PROJECT)


def test_a_new_title_changes_no_count(home: Path, road: Road) -> None:
    """The title is written over in place: the log is read anew, and counts once."""
    log = sessions(home) / FOLDER / name_of(SESSION)
    for title in ("", "Refactor auth"):
        write(log, slot(title), header(), spelt(answer()), spelt(answer("msg_b_0000000001")))
        road.read()

    assert road.total().requests == 2
    source = source_named(SOURCE)
    assert source is not None
    assert source.title_of(log, SESSION) == "Refactor auth"
    assert source.resume_command(SESSION) == f"omp --resume {SESSION}"


def test_its_own_classes_are_read(home: Path) -> None:
    """Parts of cache writes and output, searches, and what a provider spent on orchestration."""
    more: Fields = {
        "cttl": {"ephemeral5m": 200, "ephemeral1h": 100},
        "reasoningTokens": 50,
        "server": {"webSearch": 2, "webFetch": 1},
        "orchestration": {"input": 1_000, "cacheRead": 20, "output": 7},
    }

    (found,) = read(home, answer(counts=usage(**more))).sightings

    assert classes(found) == (1_012, 15_020, 200, 100, 207, 50)
    assert found.web_searches == 2


def test_durations_are_as_told(home: Path) -> None:
    told = read(home, answer(duration=5_250.7, ttft=900))

    assert [fact[1:] for fact in told.facts] == [("duration_ms", 5_250), ("first_token_ms", 900)]


def test_usage_beside_the_conversation_counts(home: Path) -> None:
    beside = entry("model_usage", provider="openai", model="gpt-5.6", usage=usage())

    (found,) = read(home, beside).sightings

    assert found.model[:2] == ("openai", "gpt-5.6")


@pytest.mark.parametrize(
    ("asked", "provider", "tier"),
    [
        ({"openai": "priority"}, "openai-codex", "priority"),
        ({"openai": "priority"}, "anthropic", "standard"),
        ({"anthropic": "priority"}, "anthropic", "fast"),
        ({"google": "flex"}, "google", "flex"),
        ({"google": "flex"}, "google-vertex", "standard"),
        ({"openai": "scale"}, "openai", "standard"),
        ("priority", "google-vertex", "priority"),
        ("claude-only", "anthropic", "fast"),
        ("openai-only", "openai", "priority"),
        ("flex", "openai", "flex"),
        (None, "openai", "standard"),
        ({"openai": "priority"}, "openrouter", "standard"),
    ],
)
def test_a_tier_is_that_of_the_models_family(
    home: Path, asked: object, provider: str, tier: str
) -> None:
    """The tier holds for the families that it was asked for, until another is asked for."""
    before = entry("service_tier_change", serviceTier={"openai": "flex", "anthropic": "priority"})
    change = entry("service_tier_change", serviceTier=asked)

    (found,) = read(home, before, change, answer(provider=provider)).sightings

    assert found.model.tier == tier


def test_a_model_change_names_provider_and_model_at_once(home: Path) -> None:
    role = entry("model_change", model="openai/small", role="smol")
    change = entry("model_change", model="openrouter/anthropic/claude", role="default")
    bare = entry("message", message={"role": "assistant", "usage": usage()})

    (found,) = read(home, change, role, bare).sightings

    assert found.model[:2] == ("openrouter", "anthropic/claude")


def test_a_tools_usage_is_its_sub_agents(home: Path) -> None:
    """4.1: sub-agents have logs of their own here: a tool's sum would count them twice."""
    result = {"role": "toolResult", "toolCallId": "t", "usage": usage()}

    assert read(home, entry("message", message=result)).sightings == []


@pytest.mark.parametrize(
    ("name", "kind"), [("AuthLoader.jsonl", "subagent"), ("__advisor.jsonl", "advisor")]
)
def test_a_sub_agent_belongs_to_the_session_it_works_for(home: Path, name: str, kind: str) -> None:
    """4.1: sub-agents' logs lie in a folder that is named like their session's."""
    folder = sessions(home) / FOLDER / name_of(SESSION).removesuffix(".jsonl")
    log = write(folder / name, slot(), header("child"), spelt(answer()))

    found = reading(SOURCE, log, sessions(home))

    assert found.sightings[0].scope[1:4] == (SESSION, log.stem, PROJECT)
    assert found.notes == (AgentNote(SESSION, log.stem, kind),)
    assert found.lineage.session == SESSION


def test_prime_agents_sub_agents_lie_among_artifacts(home: Path, road: Road) -> None:
    """Prime Agent keeps sessions flat, and sub-agents below the artifacts of their session."""
    agent = home / ".prime" / "agent"
    write(agent / "sessions" / f"{SESSION}.jsonl", header(), prompt(), spelt(answer()))
    below = agent / "session-artifacts" / SESSION
    deep = below / "sub-1f00" / "sub-2a00" / "child.jsonl"
    write(deep, header("child"), spelt(answer("msg_b_0000000001")))
    write(below / "rlm-subagents.jsonl", spelt(answer("msg_c_0000000001")))
    road.read()

    assert {group[:2] for group in road.sums()} == {("prime-agent", SESSION)}
    assert road.total().requests == 2
    assert {event.scope.agent for event in road.events()} == {"", "child"}


def test_folders_follow_the_variables(home: Path) -> None:
    """2.10: profiles have folders of their own; overrides replace the folder at home."""
    (home / ".omp" / "profiles" / "work").mkdir(parents=True)
    mine = str(home / "mine")
    profile, data = ".omp/profiles/work/agent/sessions", ".local/share/omp/sessions"

    assert folders(SOURCE, home) == [".omp/agent/sessions", profile, data]
    assert folders(SOURCE, home, PI_CONFIG_DIR=".omx")[0] == ".omx/agent/sessions"
    omp = str(home / ".omp" / "agent2")
    assert folders(SOURCE, home, PI_CODING_AGENT_DIR=omp)[0] == ".omp/agent2/sessions"
    assert folders("prime-agent", home) == [
        ".prime/agent/sessions",
        ".prime/agent/session-artifacts",
    ]
    for name in ("PRIME_AGENT_SESSION_DIR", "PRIME_AGENT_CODING_AGENT_SESSION_DIR"):
        assert folders("prime-agent", home, **{name: mine}) == ["mine", "session-artifacts"]
    agent = folders("prime-agent", home, PRIME_AGENT_CODING_AGENT_DIR=mine)
    assert agent == ["mine/sessions", "mine/session-artifacts"]
