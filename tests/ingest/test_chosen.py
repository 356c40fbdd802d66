"""Every source under some settings: the registered ones, then the user's mappings."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sources.mapped.logs import NAME, configured, mapping, plain, source
from tokwatch.config import Config, load
from tokwatch.errors import ConfigError
from tokwatch.ingest.chosen import chosen_sources, source_of, sources_of
from tokwatch.sources import SOURCES


def settings(text: str) -> Config:
    """Return the user's settings of this text."""
    return load(configured(text), environ={})


def test_without_mappings_there_are_the_registered_ones() -> None:
    assert sources_of(load(environ={})) is SOURCES


def test_mappings_come_behind_the_registered_ones_in_their_order() -> None:
    found = sources_of(settings(plain() + plain().replace(NAME, "another")))

    assert [each.name for each in found[len(SOURCES) :]] == [NAME, "another"]
    assert found[: len(SOURCES)] == SOURCES


def test_one_is_found_by_its_name() -> None:
    assert source_of(settings(mapping()), NAME).name == NAME
    assert source_of(settings(mapping()), "codex").name == "codex"
    with pytest.raises(ConfigError, match="'my-gatewy' is not a source") as caught:
        source_of(settings(mapping()), "my-gatewy")
    assert "Did you mean 'my-gateway'?" in caught.value.hint


def test_a_mapping_is_chosen_and_switched_off_like_any_other() -> None:
    only = settings(f'[sources]\nonly = ["{NAME}"]\n{mapping()}')
    off = settings(f'[sources]\noff = ["{NAME}"]\n{mapping()}')

    assert [each.name for each in chosen_sources(only)] == [NAME]
    assert chosen_sources(off) == SOURCES
    assert [each.name for each in chosen_sources(only, (NAME,))] == [NAME]


@pytest.mark.parametrize("key", ["only", "off", "paths"])
def test_a_mapping_that_is_gone_is_no_source_any_more(key: str) -> None:
    value = '{ my-gatway = ["/x"] }' if key == "paths" else '["my-gatway"]'
    config = settings(f"[sources]\n{key} = {value}\n{mapping()}")

    with pytest.raises(ConfigError, match=f"sources.{key}: 'my-gatway' is not a source"):
        chosen_sources(config)


def test_another_mapping_is_another_version(home: Path) -> None:
    versions = {
        source(plain()).version,
        source(plain(output="output")).version,
        source(plain().replace('time = "ts"', 'time = "ts"\nwhere = { a = 1 }')).version,
        source(plain().replace('time = "ts"', 'time = "ts"\nwhere = { a = true }')).version,
    }

    assert len(versions) == 4
    assert source(plain()).version in versions
    assert source(plain().replace("~/logs", "~/other")).version in versions
    assert all(0 <= version < 2**31 for version in versions)
