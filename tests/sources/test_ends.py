"""The two ends of a log, of which titles are made."""

from __future__ import annotations

from pathlib import Path

import pytest

from tokwatch.sources.ends import ends_of, object_in


@pytest.mark.parametrize(
    ("content", "ends"),
    [
        (b"", (b"", b"")),
        (b"abc", (b"abc", b"abc")),
        (b"abcdefgh", (b"abcd", b"efgh")),
        (b"abcdefghijk", (b"abcd", b"hijk")),
    ],
)
def test_a_short_log_is_both_of_its_ends(
    tmp_path: Path, content: bytes, ends: tuple[bytes, bytes]
) -> None:
    log = tmp_path / "log"
    log.write_bytes(content)

    assert ends_of(log, 4) == ends


def test_what_cannot_be_read_has_no_ends(tmp_path: Path) -> None:
    assert ends_of(tmp_path, 4) == ends_of(tmp_path / "none", 4) == (b"", b"")


@pytest.mark.parametrize("line", [b"", b"{", b"[1]", b"\xff", b"[" * 100_000])
def test_what_is_no_object_is_an_empty_one(line: bytes) -> None:
    assert object_in(line) == {}
    assert object_in(b'{"a": 1}\n') == {"a": 1}
