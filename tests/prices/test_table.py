"""What prices.toml may hold, and that what it holds still fits the price list."""

from __future__ import annotations

import msgspec
import pytest

from tokwatch.prices.resolve import resolve
from tokwatch.prices.table import parsed, table
from tokwatch.prices.update import catalog
from tokwatch.prices.version import CORRECTIONS


def listed() -> set[tuple[str, str]]:
    """Return provider and id of every model in the installed price list."""
    return {(p.id, m.id) for p in catalog(None).providers for m in p.models}


def test_every_model_that_is_corrected_is_in_the_price_list() -> None:
    rows = table()
    named = {(row.provider, row.model) for row in rows.rates}
    named |= {(row.provider, model) for row in rows.tier for model in row.models}
    named |= {(row.provider, model) for row in rows.region for model in row.exempt}
    named |= {(row.provider, model) for row in rows.window for model in row.models}

    assert named - listed() == set()


def test_every_model_that_is_added_is_not_in_the_price_list() -> None:
    assert {(row.provider, row.model) for row in table().model} & listed() == set()
    assert all(resolve("", row.model).priced_as == row.model for row in table().model)


def test_every_host_is_a_price_list() -> None:
    known = {provider.id for provider in catalog(None).providers}

    assert set(table().names.hosts.values()) <= known


def test_a_window_is_told_only_where_the_list_does_not() -> None:
    unknown = {(p.id, m.id) for p in catalog(None).providers for m in p.models if not m.window}

    assert {(row.provider, model) for row in table().window for model in row.models} <= unknown


@pytest.mark.parametrize("line", ["checked = 2026-11-20\n", 'source = "Anthropic'])
def test_an_entry_without_date_or_source_is_refused(line: str) -> None:
    text = CORRECTIONS.read_text(encoding="utf-8")
    start = text.index(line, text.index("[[rates]]"))
    end = text.index("\n", start) + 1

    with pytest.raises(msgspec.ValidationError):
        parsed(text[:start] + text[end:])


def test_a_misspelt_key_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="abvoe"):
        parsed(CORRECTIONS.read_text(encoding="utf-8").replace("above =", "abvoe =", 1))
