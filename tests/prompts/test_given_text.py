"""Whatever a command is given is read as text, or refused in a clear line."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from tokwatch.errors import TokwatchError
from tokwatch.prompts.given_text import given_text


@pytest.mark.parametrize(
    ("content", "text", "note"),
    [
        (b"", "", ""),
        ("Größe".encode(), "Größe", ""),
        (b"\xef\xbb\xbfhello", "hello", ""),
        ("hello".encode("utf-16"), "hello", "UTF-16"),
        (b"a long line of latin text: caf\xe9", "a long line of latin text: caf\ufffd", "no UTF-8"),
        (b"a\0b", "a\0b", ""),
    ],
)
def test_texts(tmp_path: Path, content: bytes, text: str, note: str) -> None:
    (tmp_path / "file").write_bytes(content)

    given = given_text(str(tmp_path / "file"))

    assert given.text == text
    assert note in given.note
    assert bool(given.note) is bool(note)


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(range(256)) * 40)

    with pytest.raises(TokwatchError, match="is no text"):
        given_text(str(tmp_path / "file"))


@pytest.mark.parametrize("name", ["missing", ".", "nul\0"])
def test_what_cannot_be_read_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(TokwatchError, match="cannot be read"):
        given_text(str(tmp_path / name))


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"from a pipe")))

    assert given_text("-").text == "from a pipe"
