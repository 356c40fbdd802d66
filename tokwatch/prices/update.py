"""The price list on disk: kept in the data folder, read from there, renewed from the network."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec

from tokwatch.prices.catalog import Catalog
from tokwatch.prices.header import FILE_NAME, FORMAT, Header, header, header_of, package

SHIPPED: Final = Path(__file__).with_name("installed.json")
"""The list that the build made; absent in a clone that was never installed."""

CHILD: Final = "tokwatch.prices.genai"

ESSENTIAL: Final = frozenset(("anthropic", "openai", "google"))
"""A list without one of these providers is not a price list."""

PACKAGE_SECONDS: Final = 30.0
"""How long reading the installed list may take on a slow machine."""


def catalog(folder: Path | None) -> Catalog:
    """Return the price list: the downloaded one, else the one built in, else one made now."""
    for file in (folder / FILE_NAME if folder else None, SHIPPED):
        if file and (stored := header_of(file)):
            with contextlib.suppress(OSError, ValueError):
                stamp = file.stat()
                return _stored(file, stored, stamp.st_mtime_ns, stamp.st_size)
    encoded, found = _installed(package())
    if folder:
        with contextlib.suppress(OSError):
            _write(folder, Header(FORMAT, package()), encoded)
    return found


def encoded_list(encoded: bytes) -> bytes:
    """Return an encoded catalog with the header that says what it was made from."""
    return msgspec.json.encode(Header(FORMAT, package())) + b"\n" + encoded


def refresh(folder: Path, timeout_s: float, fresh_after_ms: int = 0, address: str = "") -> bool:
    """Download the price list into a folder; True when prices may have changed.

    Blocks for at most `timeout_s`, in a process of its own that leaves nothing behind.
    A list downloaded at or after `fresh_after_ms` is fresh enough: nothing happens.
    """
    stored = header(folder)
    if stored and stored.update and fresh_after_ms:
        with contextlib.suppress(OSError):
            if (folder / FILE_NAME).stat().st_mtime_ns // 1_000_000 >= fresh_after_ms:
                return False
    encoded = _child(timeout_s, str(timeout_s), *([address] if address else []))
    if _decoded(encoded) is None:
        return False
    update = hashlib.sha256(encoded).hexdigest()[:8]
    try:
        _write(folder, Header(FORMAT, package(), update), encoded)
    except OSError:
        return False
    return stored is None or stored.update != update


@lru_cache(maxsize=1)
def _stored(path: Path, stored: Header, _mtime_ns: int, _size: int) -> Catalog:
    """Decode the list on disk, once for each state of the file."""
    _, _, encoded = path.read_bytes().partition(b"\n")
    found = _decoded(encoded)
    if found is None or (
        stored.update and hashlib.sha256(encoded).hexdigest()[:8] != stored.update
    ):
        raise ValueError("the price list on disk is damaged")
    return found


@lru_cache(maxsize=1)
def _installed(_package: str) -> tuple[bytes, Catalog]:
    """Read the installed list in another process, so that its libraries stay out of this one."""
    encoded = _child(PACKAGE_SECONDS)
    found = _decoded(encoded)
    if found is not None:
        return encoded, found
    from tokwatch.prices.genai import installed

    found = installed()
    return msgspec.json.encode(found), found


def _decoded(encoded: bytes) -> Catalog | None:
    try:
        found = msgspec.json.decode(encoded, type=Catalog)
    except ValueError:
        return None
    sold = {provider.id for provider in found.providers if provider.models}
    return found if sold >= ESSENTIAL else None


def _child(timeout_s: float, *arguments: str) -> bytes:
    """Return what the reader of genai-prices writes; nothing when it fails or takes too long."""
    import subprocess

    root = str(Path(__file__).resolve().parent.parent.parent)
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    command = [sys.executable, "-P", "-m", CHILD, *arguments]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=timeout_s,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return b""
    return done.stdout


def _write(folder: Path, head: Header, encoded: bytes) -> None:
    import tempfile

    folder.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f"{FILE_NAME}.", dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(head) + b"\n" + encoded)
        Path(name).replace(folder / FILE_NAME)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
