"""config.toml is the reference: all settings, their defaults, and what each may be."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tokwatch.config import load
from tokwatch.config.schema import allowed, fields_of, is_section, kind_at
from tokwatch.config.sections import Settings

FREE = re.compile(
    r"\[(?P<key>keys|mapping|endpoint|budget|split|goal)\]\s+# .*; (?P<allowed>[^;\n]*)"
)
SETTING = re.compile(r"(?P<key>\w+)\s*=\s*(?P<value>\S.*?)\s+# (?P<words>.*); (?P<allowed>[^;]*)")


def shipped(repository: Path) -> str:
    """Return the text of config.toml."""
    return (repository / "config.toml").read_text("utf-8")


def setting_lines(text: str) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield the path and the line of each setting of the file."""
    section = ""
    for line in text.splitlines():
        if header := re.match(r"\[([\w.]+)\]", line):
            section = header[1]
        elif line and not line.startswith("#") and "." not in section:
            yield (section, line.partition("=")[0].strip()), line


def test_the_file_holds_every_setting_with_its_default(repository: Path) -> None:
    table = tomllib.loads(shipped(repository))

    assert msgspec.convert(table, Settings) == Settings()
    assert list(table) == list(fields_of(Settings))
    for name, kind in fields_of(Settings).items():
        assert list(table[name]) == (list(fields_of(kind)) if is_section(kind) else [])


def test_every_setting_has_one_comment_that_says_what_is_allowed(repository: Path) -> None:
    for path, line in setting_lines(shipped(repository)):
        match = SETTING.fullmatch(line)
        assert match, line
        words = allowed(kind_at(path))
        assert match["allowed"] == re.sub(r"^a (whole )?number from ", "", words), line


def test_tables_of_free_keys_have_their_comments_too(repository: Path) -> None:
    found = {match["key"]: match["allowed"] for match in FREE.finditer(shipped(repository))}

    assert found == {
        key: allowed(kind_at((key,)))
        for key in ("mapping", "endpoint", "budget", "split", "goal", "keys")
    }


def test_the_mapping_in_the_comment_is_a_whole_one(repository: Path, tmp_path: Path) -> None:
    lines = shipped(repository).splitlines()
    start = next(at for at, line in enumerate(lines) if "[mapping.my-gateway]" in line)
    end = next(at for at, line in enumerate(lines[start:], start) if line == "#")
    file = tmp_path / "config.toml"
    file.write_text("\n".join(line.removeprefix("#") for line in lines[start:end]), "utf-8")

    assert list(load(file, environ={}).mapping) == ["my-gateway"]


def test_the_file_says_no_more_than_fits_a_wide_terminal(repository: Path) -> None:
    assert max(map(len, shipped(repository).splitlines())) <= 140


@pytest.mark.parametrize("section", fields_of(Settings))
def test_every_section_stands_in_the_file_with_a_blank_line_before_it(
    repository: Path, section: str
) -> None:
    assert f"\n\n[{section}]" in shipped(repository)
