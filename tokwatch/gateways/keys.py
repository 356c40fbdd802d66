"""Where the key of an endpoint is: a variable, a file of its owner alone, or the keyring."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

MOST_BYTES: Final = 8192
NO_KEYRING: Final = "keyring is not installed: pip install 'tokwatch[keyring]'"


class KeyTrouble(Exception):
    """There is no key that could be sent; the text says where one was looked for, never it."""


def key_of(reference: str, environ: Mapping[str, str] | None = None) -> str:
    """Return the key that `env:`, `file:` or `keyring:` refers to; "" for no reference."""
    if not reference:
        return ""
    where, _, rest = reference.partition(":")
    if where == "env":
        found = (os.environ if environ is None else environ).get(rest, "").strip()
        if not found:
            raise KeyTrouble(f"the variable {rest} holds no key")
    elif where == "file":
        found = _from_file(Path(rest).expanduser())
    else:
        found = _from_keyring(*rest.split("/", 1))
    if not (found.isascii() and found.isprintable()) or " " in found:
        raise KeyTrouble(f"what {where} holds is no key")
    return found


def key_trouble(reference: str, environ: Mapping[str, str] | None = None) -> str:
    """Return what is wrong with the place of a key; the keyring itself is not opened."""
    if reference.startswith("keyring:"):
        from importlib.util import find_spec

        return "" if find_spec("keyring") else NO_KEYRING
    try:
        key_of(reference, environ)
    except KeyTrouble as trouble:
        return str(trouble)
    return ""


def _from_file(path: Path) -> str:
    try:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise KeyTrouble("the key's file is no file")
            if os.name == "posix" and status.st_mode & 0o077:
                raise KeyTrouble(f"others may read the key's file: chmod 600 {path}")
            found = file.read(MOST_BYTES).decode("ascii", "replace").strip()
    except OSError as error:
        raise KeyTrouble(f"the key's file cannot be read: {error.strerror}") from None
    if not found:
        raise KeyTrouble("the key's file is empty")
    return found


def _from_keyring(service: str, user: str) -> str:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        raise KeyTrouble(NO_KEYRING) from None
    try:
        found = keyring.get_password(service, user)
    except KeyringError:
        raise KeyTrouble("this machine's keyring cannot be used; use env: or file:") from None
    if not found:
        raise KeyTrouble(f"the keyring has no password of {user} for {service}")
    return str(found)
