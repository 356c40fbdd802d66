"""The packed ranks are those that tiktoken demands, and nothing else is taken for them."""

from __future__ import annotations

import inspect
from importlib import import_module
from pathlib import Path

import pytest

from tokwatch.errors import TokwatchError
from tokwatch.tokens.encodings import RANKS, Encoding
from tokwatch.tokens.ranks import FOLDER, unpacked


@pytest.mark.parametrize("encoding", list(Encoding))
def test_the_hash_is_the_one_that_tiktoken_pins(encoding: Encoding) -> None:
    openai_public = import_module("tiktoken_ext.openai_public")
    ranks = RANKS[encoding]
    asked = inspect.getsource(getattr(openai_public, encoding.value))

    assert ranks.sha256 in asked
    assert ranks.address in asked
    assert unpacked(ranks).count(b"\n") > 100_000


@pytest.mark.parametrize("damage", [b"", b"no xz", None])
def test_what_is_damaged_is_refused(tmp_path: Path, damage: bytes | None) -> None:
    ranks = RANKS[Encoding.CL100K]
    if damage is None:
        damage = (FOLDER / RANKS[Encoding.O200K].file).read_bytes()
    (tmp_path / ranks.file).write_bytes(damage)

    with pytest.raises(TokwatchError, match="damaged"):
        unpacked(ranks, tmp_path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TokwatchError, match="damaged"):
        unpacked(RANKS[Encoding.CL100K], tmp_path)
