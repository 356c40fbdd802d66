"""Where keys are looked for, and what is refused."""

from __future__ import annotations

import os
import sys
import types
from pathlib import Path

import pytest

from tokwatch.gateways.keys import KeyTrouble, key_of

CANARY = "sk-canary-77"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_text(f"{CANARY}\n")
    path.chmod(0o600)
    return path


def test_a_key_comes_from_a_variable_or_a_file_of_its_owner(file: Path) -> None:
    assert key_of("env:MY_KEY", {"MY_KEY": f" {CANARY}\n"}) == CANARY
    assert key_of(f"file:{file}") == CANARY
    assert key_of("") == ""


def test_a_file_that_others_may_read_is_refused(file: Path) -> None:
    if os.name != "posix":
        pytest.skip("modes are of POSIX")
    for mode in (0o640, 0o604, 0o644):
        file.chmod(mode)
        with pytest.raises(KeyTrouble, match="chmod 600") as found:
            key_of(f"file:{file}")
        assert CANARY not in str(found.value)


@pytest.mark.parametrize("content", [b"", b"\n", b"two words", b"\xff\x00", b"a\nb"])
def test_what_is_no_key_is_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)

    with pytest.raises(KeyTrouble):
        key_of(f"file:{file}")


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(KeyTrouble, match="the variable MY_KEY holds no key"):
        key_of("env:MY_KEY", {})
    with pytest.raises(KeyTrouble, match="cannot be read"):
        key_of(f"file:{tmp_path / 'none'}")
    with pytest.raises(KeyTrouble):
        key_of(f"file:{tmp_path}")


def ring(monkeypatch: pytest.MonkeyPatch, found: str | type[Exception] | None) -> type[Exception]:
    """Put a keyring in place; return the error that it raises when it cannot be used."""

    class KeyringError(Exception):
        pass

    def get_password(service: str, user: str) -> str | None:
        assert (service, user) == ("litellm", "ana")
        if isinstance(found, type):
            raise KeyringError("no backend")
        return found

    errors = types.SimpleNamespace(KeyringError=KeyringError)
    monkeypatch.setitem(sys.modules, "keyring", types.SimpleNamespace(get_password=get_password))
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    return KeyringError


def test_a_key_comes_from_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    ring(monkeypatch, CANARY)

    assert key_of("keyring:litellm/ana") == CANARY


def test_a_keyring_without_it_or_without_a_backend_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    ring(monkeypatch, None)
    with pytest.raises(KeyTrouble, match="has no password"):
        key_of("keyring:litellm/ana")
    ring(monkeypatch, Exception)
    with pytest.raises(KeyTrouble, match="cannot be used"):
        key_of("keyring:litellm/ana")


def test_without_keyring_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)

    with pytest.raises(KeyTrouble, match=r"pip install 'tokwatch\[keyring\]'"):
        key_of("keyring:litellm/ana")
