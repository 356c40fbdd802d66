"""The session list: filter, sort and the tree of sub-agents."""

from __future__ import annotations

import pytest

from tests.ui.literal import ROWS, row
from tokwatch.ui.listing import View, arrange, is_problem


def labels(view: View, titles: dict[str, str] | None = None) -> list[str]:
    """Return what is listed, with its branch."""
    return [each.guide + each.row.label for each in arrange(ROWS, view, titles)]


def test_the_dearest_session_stands_on_top_and_sub_agents_beneath_theirs() -> None:
    assert labels(View())[:5] == ["7f3a·4c1", "b01e·9d2", "├ Explore", "└ Plan", "5512·e77"]


def test_turned_round_the_cheapest_comes_first() -> None:
    assert labels(View(reverse=True))[0] == "aa42·7c0"


def test_names_sort_from_a() -> None:
    projects = [each.row.project for each in arrange(ROWS, View(sort="project"))]
    assert projects[:2] == ["checkout-svc", "docs"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("opus", ["7f3a·4c1"]),
        ("!opus !sonnet !haiku !gemini", ["5512·e77", "aa42·7c0"]),
        ("model:gpt", ["5512·e77"]),
        ('project:"infra-tf"', ["5512·e77"]),
        ("cost>5 !tokwatch", ["7f3a·4c1"]),
        ("context>=78", ["7f3a·4c1", "c2d9·001"]),
        ("cache<40", ["7f3a·4c1"]),
        ("state:ended cost<1 cost>0.5", ["9e10·b3f"]),
        ("rate>5", ["7f3a·4c1"]),
        ("tokens>2000000", []),
        ("source:codex", []),
        ("cost>1.2.3", []),
        ("no-such-thing", []),
    ],
)
def test_a_filter_narrows(text: str, wanted: list[str]) -> None:
    found = [label for label in labels(View(filter=text)) if not label.startswith(("├", "└"))]
    assert found == wanted


def test_a_sub_agent_that_matches_keeps_its_session() -> None:
    assert labels(View(filter="agent:explore")) == ["b01e·9d2", "├ Explore", "└ Plan"]


def test_titles_are_searched_too() -> None:
    assert labels(View(filter="flaky"), {"7f3a": "Fix the FLAKY test"}) == ["7f3a·4c1"]


def test_an_unfinished_filter_hides_nothing() -> None:
    assert len(labels(View(filter='! "'))) == len(ROWS)


def test_folding_hides_the_sub_agents_and_counts_them() -> None:
    listed = arrange(ROWS, View(folded=frozenset({"b01e"})))
    folded = next(each for each in listed if each.row.key == "b01e")
    assert (folded.folded, folded.children) == (True, 2)
    assert not any(each.row.depth for each in listed)


def test_only_problems_are_full_contexts_and_missing_prices() -> None:
    assert labels(View(problems=True)) == ["7f3a·4c1", "c2d9·001", "aa42·7c0"]
    assert not is_problem(ROWS[1])


def test_deep_trees_keep_their_branches() -> None:
    rows = (
        row("a", "a"),
        row("b", "b", depth=1, cost=5),
        row("c", "c", depth=2),
        row("d", "d", depth=1, cost=3),
    )
    guides = [each.guide for each in arrange(rows, View())]
    assert guides == ["", "├ ", "│ └ ", "└ "]
