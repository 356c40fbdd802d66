"""What `[endpoint.NAME]` may be, and that nothing secret is repeated where it may not."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from tokwatch.config import Config, load
from tokwatch.config.endpoints import PARTS, Kind
from tokwatch.errors import ConfigError
from tokwatch.gateways.kinds import MODULES, adapter_of

CANARY = "sk-canary-91"


def settings(tmp_path: Path, text: str) -> Config:
    """Return the settings of a file with one endpoint."""
    file = tmp_path / "config.toml"
    file.write_text(f"[endpoint.proxy]\n{text}\n", "utf-8")
    return load(file, tmp_path, environ={})


def test_every_kind_is_known_with_its_parts() -> None:
    assert set(get_args(Kind)) == set(PARTS) == set(MODULES)
    for kind, parts in PARTS.items():
        adapter = adapter_of(kind)
        assert (adapter.kind, tuple(part.name for part in adapter.parts)) == (kind, parts)


def test_without_a_table_there_is_none(tmp_path: Path) -> None:
    assert load(None, tmp_path, environ={}).endpoint == {}


def test_a_kind_has_its_usual_address(tmp_path: Path) -> None:
    told = settings(tmp_path, 'kind = "openai"\nkey = "env:OPENAI_ADMIN_KEY"').endpoint["proxy"]

    assert told.address == "https://api.openai.com"
    assert (told.on, told.days, told.timeout_seconds) == (True, 7, 15)


@pytest.mark.parametrize(
    "text",
    [
        'kind = "litellm"\nurl = "http://127.0.0.1:4000/"',
        'kind = "litellm"\nurl = "http://localhost:4000"\nkey = "file:~/.litellm key"',
        'kind = "prometheus"\nurl = "https://gpu.example.org/metrics"\ninterval_seconds = 5',
        'kind = "anthropic"\nkey = "keyring:anthropic/ana"\nonly = ["usage"]',
    ],
)
def test_what_is_allowed(tmp_path: Path, text: str) -> None:
    assert settings(tmp_path, text).endpoint


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('url = "https://x"', "kind is missing; one of litellm, prometheus"),
        ('kind = "litelm"\nurl = "https://x"', '"litellm", "llamacpp"'),
        ('kind = "litellm"', "url is missing: where this litellm is"),
        ('kind = "litellm"\nurl = "http://10.0.0.5:4000"', "must begin with https://"),
        ('kind = "litellm"\nurl = "ftp://127.0.0.1"', "must begin with https://"),
        (f'kind = "litellm"\nurl = "https://ana:{CANARY}@x"', "an address alone"),
        (f'kind = "litellm"\nurl = "https://x/?key={CANARY}"', "an address alone"),
        (f'kind = "litellm"\nurl = "https://x"\nkey = "{CANARY}"', "never what it is"),
        (f'kind = "litellm"\nurl = "https://x"\nkey = ["{CANARY}"]', "key is not allowed"),
        ('kind = "stream"\nurl = "https://x"', "go together"),
        ('kind = "stream"\nurl = "https://x"\nmapping = "m"', "there is no mapping 'm'"),
        ('kind = "ollama"\nonly = ["models"]', "ollama has no part 'models'; it has loaded"),
        ('kind = "ollama"\nmapping = "m"', "go together"),
        ('kind = "openai"', "key is missing: openai asks for one"),
        ('kind = "ollama"\ninterval_seconds = 1', "interval_seconds = 1 is not allowed"),
        (f'kind = "ollama"\napi_key = "{CANARY}"', "api_key is not a setting"),
    ],
)
def test_what_is_not_allowed_is_told_and_nothing_secret_repeated(
    tmp_path: Path, text: str, words: str
) -> None:
    with pytest.raises(ConfigError) as found:
        settings(tmp_path, text)

    assert words in found.value.message
    assert CANARY not in found.value.message + found.value.hint
