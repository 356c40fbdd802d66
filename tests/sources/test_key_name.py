"""API keys are told by names: what may be a key itself, or leads to one, is never kept."""

from __future__ import annotations

import re

import pytest

from tokwatch.sources.text import key_name


@pytest.mark.parametrize(
    "name",
    ["", "ci", "ana laptop", "team-frontend-production-2025", "internationalization", "risk-7",
     "key 88dc28d0", "20251118093000000000", "litellm_proxy_master_key"],
)  # fmt: skip
def test_an_alias_is_a_name(name: str) -> None:
    assert key_name(name) == name


@pytest.mark.parametrize(
    "secret",
    ["sk-1234", "SK-ant-api03-x", "prod sk-live", "Bearer x", "AIzaSyA-b_c", "gsk_" + "a1" * 26,
     "eyJhbGci.x.y", "0f" * 32, "b7" * 16, "6f9619ff-8b86-d011-b42d-00c04fc964ff",
     "apikey_01AbCdEfGhIjKlMn", "x" * 32, "team:" + "Zq8Rk2Lw" * 4],
)  # fmt: skip
def test_what_may_be_a_key_is_eight_digits(secret: str) -> None:
    found = key_name(secret)

    assert re.fullmatch("key [0-9a-f]{8}", found)
    assert found == key_name(f" {secret}\x00") != key_name(secret + "y")
    assert key_name(found) == found
