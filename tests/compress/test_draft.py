"""Edits of edits lead back to the original: composed, rendered, taken back."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tokwatch.compress.draft import Draft, Wish, rendered
from tokwatch.compress.nouns import Edit, Risk

Layer = list[tuple[int, int, str]]
LAYERS = st.lists(
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(1, 6), st.text("xyz ", max_size=3)), max_size=5
    ),
    max_size=4,
)


def layered(original: str, layers: list[Layer]) -> tuple[str, list[Edit]]:
    """Return a text after layers of wishes, with the edits that they became."""
    draft, edits = Draft(original), []
    for layer in layers:
        wishes, at = [], 0
        for start, length, put in sorted(layer):
            begin, end = max(start, at), min(start + length, len(draft.text))
            if begin < end:
                wishes.append(Wish(begin, end, put))
                at = end
        hulls = draft.hulls(wishes)
        draft = draft.after(hulls)
        edits += [Edit(0, h.start, h.end, h.replacement, "s", "", Risk.LOW, 1) for h in hulls]
    return draft.text, edits


@settings(max_examples=30)
@given(st.text("abcdef \n", max_size=40), LAYERS)
def test_edits_of_the_original_give_the_text_that_the_layers_made(
    original: str, layers: list[Layer]
) -> None:
    text, edits = layered(original, layers)

    assert rendered(original, edits) == text
    assert rendered(original, []) == original


@settings(max_examples=30)
@given(st.text("abcdef \n", max_size=40), LAYERS)
def test_a_later_edit_holds_an_earlier_one_or_is_apart(original: str, layers: list[Layer]) -> None:
    _, edits = layered(original, layers)

    for number, late in enumerate(edits):
        for early in edits[:number]:
            is_apart = early.end <= late.start or late.end <= early.start
            assert is_apart or (late.start <= early.start and early.end <= late.end)


def test_a_rejected_edit_shows_what_it_had_covered() -> None:
    text, edits = layered("one two three", [[(4, 3, "2")], [(0, 5, "1-2")]])

    assert text == "1-2 three"
    assert rendered("one two three", edits[:1]) == "one 2 three"


def test_spans_of_the_original_move_with_the_text() -> None:
    draft = Draft("aa bb cc dd")
    draft = draft.after(draft.hulls([Wish(0, 3, ""), Wish(6, 8, "long")]))

    assert draft.text == "bb long dd"
    assert draft.current([(3, 5), (6, 8), (9, 11)]) == [(0, 2), (8, 10)]


def test_of_a_span_that_is_cut_the_rest_still_stands() -> None:
    draft = Draft("abcdef")
    draft = draft.after(draft.hulls([Wish(2, 3, "")]))

    assert draft.current([(0, 6)]) == [(0, 2), (2, 5)]
