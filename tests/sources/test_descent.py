"""Which session a sub-agent's own session belongs to."""

from __future__ import annotations

from tokwatch.sources.descent import place_of


def test_a_main_session_is_its_own() -> None:
    assert place_of("a", {}) == ("a", "")
    assert place_of("a", {"b": "a"}) == ("a", "")


def test_a_sub_agent_belongs_to_its_oldest_ancestor() -> None:
    assert place_of("c", {"c": "b", "b": "a"}) == ("a", "c")


def test_a_circle_of_parents_ends() -> None:
    assert place_of("a", {"a": "b", "b": "a"}) == ("b", "a")
    assert place_of("a", {"a": "a"}) == ("a", "")


def test_names_are_clean() -> None:
    assert place_of("c\x1b", {"c\x1b": "a\n"}) == ("a", "c")
