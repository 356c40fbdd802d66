"""Encodings load offline, from wherever their ranks can lie, and leave the environment alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tokwatch.tokens.encodings import CACHE, RANKS, Encoding, ranks_in
from tokwatch.tokens.ranks import is_whole, unpacked

RANK = RANKS[Encoding.CL100K]

OFFLINE = """
import socket, sys
from pathlib import Path

def refuse(*arguments, **options):
    raise AssertionError("the network was asked")

socket.socket.connect = socket.getaddrinfo = socket.create_connection = refuse
from tokwatch.tokens.counting import count_in
from tokwatch.tokens.encodings import Encoding
print(*(count_in(one, Path(sys.argv[1]))("hello world") for one in Encoding))
"""


@pytest.fixture(scope="module")
def rebuilt() -> bytes:
    """Return ranks as tiktoken reads them."""
    return unpacked(RANK)


def test_both_load_without_a_network_into_an_empty_folder(tmp_path: Path, repository: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(repository)}
    environment.pop(CACHE, None)

    done = subprocess.run(
        [sys.executable, "-c", OFFLINE, str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout.split() == ["2", "2"], done.stderr
    names = {file.name for file in (tmp_path / "tokenizer").iterdir()}
    assert names == {ranks.cached_as for ranks in RANKS.values()}


def test_what_was_kept_is_used_again(tmp_path: Path, rebuilt: bytes) -> None:
    (tmp_path / RANK.cached_as).write_bytes(rebuilt)
    before = (tmp_path / RANK.cached_as).stat().st_mtime_ns

    with ranks_in(RANK, tmp_path) as folder:
        assert folder == str(tmp_path)

    assert (tmp_path / RANK.cached_as).stat().st_mtime_ns == before


def test_what_was_kept_and_is_damaged_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / RANK.cached_as).write_bytes(b"cut of")

    with ranks_in(RANK, tmp_path) as folder:
        assert is_whole(Path(folder) / RANK.cached_as, RANK.sha256)

    assert is_whole(tmp_path / RANK.cached_as, RANK.sha256)


def test_a_users_own_folder_is_used(
    tmp_path: Path, rebuilt: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / RANK.cached_as).write_bytes(rebuilt)
    monkeypatch.setenv(CACHE, str(own))

    with ranks_in(RANK, tmp_path / "ours") as folder:
        assert folder == str(own)

    assert not (tmp_path / "ours").exists()


def test_a_users_own_folder_is_never_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / RANK.cached_as).write_bytes(b"something else")
    monkeypatch.setenv(CACHE, str(own))

    with ranks_in(RANK, tmp_path / "ours") as folder:
        assert folder == str(tmp_path / "ours")

    assert (own / RANK.cached_as).read_bytes() == b"something else"
    assert os.environ[CACHE] == str(own)


def test_where_nothing_can_be_kept_they_lie_in_a_folder_for_now(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    with ranks_in(RANK, tmp_path / "file" / "below") as folder:
        assert is_whole(Path(folder) / RANK.cached_as, RANK.sha256)

    assert not Path(folder).exists()
