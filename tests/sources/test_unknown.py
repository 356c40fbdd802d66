"""Usage of a shape that nobody knows: counted and told by names of fields, but as no request."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sources import claude_lines, codex_lines
from tests.sources.conftest import Read
from tests.sources.road import CANARY, outputs, spelt, write
from tokwatch.sources.unknown import fields_at

ODD = {"tokens_in": 5, "tokens_out": CANARY}


def test_usage_of_claude_code_that_tells_no_class_is_no_request(claude: Read) -> None:
    """C11: what a response told before in a known shape stands; zeros are known."""
    zeros = dict.fromkeys(("input_tokens", "output_tokens"), 0)
    found = claude(
        claude_lines.answer("a", 7),
        claude_lines.answer("a", counts=ODD),
        claude_lines.answer("b", counts=ODD),
        claude_lines.answer("c", counts=zeros),
    )

    assert sorted(outputs(found), key=str) == [0, 7]
    assert (found.tally.unknown, found.tally.sample) == (2, "tokens_in, tokens_out")


@pytest.mark.parametrize(
    ("line", "names"),
    [
        (codex_lines.event("token_count", info={"usage_v9": ODD}), "usage_v9"),
        (
            codex_lines.event("token_count", info={"total_token_usage": ODD}),
            "tokens_in, tokens_out",
        ),
        (codex_lines.line("token_usage_record", {"usage": ODD, "id": "r"}), "id, usage"),
    ],
)
def test_a_count_of_codex_that_tells_no_class_is_no_request(
    codex: Read, line: bytes, names: str
) -> None:
    """X0: nor does it end the chain of totals."""
    first, second = codex_lines.totals((100, 0, 5, 0)), codex_lines.totals((200, 0, 12, 0))
    found = codex(codex_lines.meta(), first, line, second)

    assert outputs(found) == [5, 7]
    assert (found.tally.unknown, found.tally.sample) == (1, names)


def test_names_are_read_as_deep_as_the_record_goes(tmp_path: Path) -> None:
    log = write(tmp_path / "a.jsonl", b"{torn\n", spelt({"a": {"b": {"c": CANARY}, "d": {}}}))

    assert fields_at(log, [0, 6], "a", "b") == "c"
    assert fields_at(log, [6], "a", "d") == "b, d"
    assert fields_at(log, [6], "x") == "a"
    assert fields_at(log, [0]) == fields_at(log, []) == fields_at(tmp_path / "none", [0]) == ""
