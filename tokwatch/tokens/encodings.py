"""The two encodings that are shipped, and how they are loaded without a network.

tiktoken reads ranks from a cache folder, and would fetch what it does not find there or finds
changed: so what lies there is checked before it is asked.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tokwatch.errors import TokwatchError
from tokwatch.tokens.ranks import Ranks, is_whole, unpacked

if TYPE_CHECKING:
    import tiktoken

CACHE: Final = "TIKTOKEN_CACHE_DIR"
OLDER_CACHE: Final = "DATA_GYM_CACHE_DIR"
_ADDRESS: Final = "https://openaipublic.blob.core.windows.net/encodings/"
_loading = threading.Lock()
_loaded: dict[str, tiktoken.Encoding] = {}


class Encoding(StrEnum):
    """An encoding by tiktoken's name."""

    O200K = "o200k_base"
    CL100K = "cl100k_base"


RANKS: Final = {
    Encoding.O200K: Ranks(
        "o200k_base.xz",
        f"{_ADDRESS}o200k_base.tiktoken",
        "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    ),
    Encoding.CL100K: Ranks(
        "cl100k_base.xz",
        f"{_ADDRESS}cl100k_base.tiktoken",
        "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
    ),
}


def load(encoding: Encoding, folder: Path) -> tiktoken.Encoding:
    """Return an encoding, its ranks kept in tokwatch's own folder; once for each process.

    It takes a quarter of a second, the first time on a machine half a second more.
    """
    with _loading:
        found = _loaded.get(encoding)
        if found is None:
            import tiktoken

            with ranks_in(RANKS[encoding], folder) as cache, _set(CACHE, cache):
                found = _loaded[encoding] = tiktoken.get_encoding(encoding.value)
        return found


@contextmanager
def ranks_in(ranks: Ranks, folder: Path) -> Iterator[str]:
    """Give a folder that holds these ranks, whole: the user's own, ours, or one for now."""
    own = os.environ.get(CACHE) or os.environ.get(OLDER_CACHE)
    for place in (own, str(folder)):
        if place and is_whole(Path(place) / ranks.cached_as, ranks.sha256):
            yield place
            return
    rebuilt = unpacked(ranks)
    if _written(rebuilt, folder / ranks.cached_as):
        yield str(folder)
        return
    try:
        scratch = tempfile.mkdtemp(prefix="tokwatch-")
        (Path(scratch) / ranks.cached_as).write_bytes(rebuilt)
    except OSError as error:
        told = f"The tokenizer needs a folder that can be written: {error.strerror}."
        raise TokwatchError(told, "Say where: --data FOLDER.") from None
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _written(content: bytes, file: Path) -> bool:
    """Write a file at one stroke; tell whether that could be done."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=".ranks-")
    except OSError:
        return False
    try:
        with open(handle, "wb") as opened:
            opened.write(content)
        os.replace(name, file)
    except OSError:
        Path(name).unlink(missing_ok=True)
        return False
    return True


@contextmanager
def _set(name: str, value: str) -> Iterator[None]:
    """Set a variable of the environment for as long as something is loaded."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
