"""`tokwatch config`: every setting with the file or variable that it comes from."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from typing import NamedTuple

from msgspec import Struct

from tokwatch.cli.json_form import add_json, as_json
from tokwatch.config import Config, load, origins
from tokwatch.config.check import PRIVATE
from tokwatch.config.layers import KeyPath
from tokwatch.config.sections import Settings
from tokwatch.config.toml_text import key_text, value_text

_PASSWORD = re.compile(r"(://[^:/@]*:).*(?=@)|(password=)[^&]*")
_ADDRESS = re.compile(r"(//[^/]*).*")


class Setting(NamedTuple):
    """A setting, or an entry of a setting that is a table."""

    key: str
    value: object
    origin: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `tokwatch config`."""
    parser.description = (
        "Print every setting in the form of config.toml, and behind each the file or variable that "
        "it comes from. Secrets in addresses are hidden."
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--check", action="store_true", help="only say whether all is well")
    add_json(form)


def run(args: argparse.Namespace) -> int:
    """Print the settings; a wrong one is a ConfigError before anything is printed."""
    from tokwatch.ingest.chosen import chosen_sources

    config = load(args.config, args.data, args.profile)
    chosen_sources(config)
    if args.json:
        print(as_json(_document(config)))
    elif args.check:
        print(f"ok: {len(_settings(config))} settings, {config.file} {_state(config)}")
    else:
        _print_text(config)
    return 0


def _print_text(config: Config) -> None:
    print(f"# your file    {config.file} {_state(config)}")
    print(f"# profile      {config.request.profile or '(none)'}")
    print(f"# data folder  {config.data}")
    lines = [(f"{row.key} = {value_text(row.value)}", row.origin) for row in _settings(config)]
    width = min(48, max(len(line) for line, _ in lines))
    for line, origin in lines:
        print(f"{line:{width}}  # {origin}")


def _document(config: Config) -> dict[str, object]:
    return {
        "file": str(config.file),
        "profile": config.request.profile,
        "data": str(config.data),
        "settings": {
            row.key: {"value": row.value, "origin": row.origin} for row in _settings(config)
        },
    }


def _state(config: Config) -> str:
    return "(read)" if config.file.is_file() else "(not there)"


def _settings(config: Config) -> list[Setting]:
    known = origins(config.request)
    return [
        Setting(key_text(path), _shown(path, value), known.get(path, "default"))
        for section in Settings.__struct_fields__
        for path, value in _leaves(getattr(config, section), (section,))
    ]


def _leaves(value: object, path: KeyPath) -> Iterator[tuple[KeyPath, object]]:
    """Yield the values below a path; a table without entries is a value too."""
    if isinstance(value, Struct):
        entries = {key: getattr(value, key) for key in value.__struct_fields__}
    elif isinstance(value, dict):
        entries = value
    else:
        entries = {}
    if not entries and value is not None:
        yield path, value
    for key, item in entries.items():
        yield from _leaves(item, (*path, key))


def _shown(path: KeyPath, value: object) -> object:
    """Return the value without the secret that an address may hold."""
    if path not in PRIVATE:
        return value
    if path[0] == "notify":
        return _ADDRESS.sub(r"\1/***", str(value))
    return _PASSWORD.sub(lambda found: f"{found[1] or found[2]}***", str(value))
