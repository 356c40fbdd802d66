"""Where settings come from: config.toml files, their profiles, the environment; unchecked."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct

from tokwatch import paths
from tokwatch.config.schema import fields_of, is_text, kind_at
from tokwatch.config.sections import Settings
from tokwatch.config.toml_text import line_of
from tokwatch.errors import ConfigError

PREFIX: Final = "TOKWATCH_"
CHOICES: Final = ("TOKWATCH_CONFIG", "TOKWATCH_DATA", "TOKWATCH_PROFILE")
"""Variables that choose what is read; all others with the prefix and a `__` are settings."""
AT_INSTALLING: Final = "TOKWATCH_PURE"
"""Read where tokwatch is built; who sets it for `make` starts tokwatch with it too."""

KeyPath = tuple[str, ...]
Table = dict[str, object]


class Request(Struct, frozen=True):
    """What to read: fixed for a whole run, so that a changed file can be read again."""

    file: Path
    must_exist: bool
    data: Path
    profile: str
    variables: tuple[tuple[str, str], ...]

    @property
    def files(self) -> tuple[Path, Path]:
        """The shipped config.toml and the user's."""
        return paths.shipped_folder() / "config.toml", self.file


class Layer(Struct, frozen=True):
    """Settings from one place; a later layer overrides an earlier one."""

    place: str
    table: Table
    inside: KeyPath = ()
    """The table of the file that holds these settings: a profile's."""
    text: str = ""
    """The file, to find a line in."""

    def origin(self) -> str:
        """Return the place in words."""
        return f"{self.place} [{'.'.join(self.inside)}]" if self.inside else self.place

    def where(self, path: KeyPath) -> str:
        """Return the place with the line of a key, as compilers write it."""
        line = line_of(self.text, self.inside + path)
        return f"{self.place}:{line}" if line else self.place


def request(
    file: str | Path | None = None,
    data: str | Path | None = None,
    profile: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> Request:
    """Return what the options, or else the environment, ask for."""
    environ = os.environ if environ is None else environ
    file = file or environ.get("TOKWATCH_CONFIG")
    data = data or environ.get("TOKWATCH_DATA")
    return Request(
        file=_absolute(file) if file else paths.user_config_file(),
        must_exist=bool(file),
        data=_absolute(data) if data else paths.user_data_folder(),
        profile=profile or environ.get("TOKWATCH_PROFILE", ""),
        variables=tuple(sorted(v for v in environ.items() if v[0].startswith(PREFIX))),
    )


def _absolute(path: str | Path) -> Path:
    return Path(os.path.abspath(os.path.expanduser(path)))


def layers(request: Request) -> tuple[list[Layer], list[Layer]]:
    """Return the layers that hold for a request, and those of the profiles it leaves aside."""
    files: list[Layer] = []
    profiles: list[Layer] = []
    for file in request.files:
        if text := _read(file, must_exist=file != request.file or request.must_exist):
            table = _parse(file, text)
            files.append(Layer(str(file), table, text=text))
            profiles += _profiles(file, table.pop("profile", {}), text)
    chosen = [layer for layer in profiles if layer.inside[1] == request.profile]
    if request.profile and not chosen:
        names = sorted({layer.inside[1] for layer in profiles})
        raise ConfigError(
            f"There is no profile {request.profile!r} in {request.file}.",
            f"Known: {', '.join(names)}." if names else "A profile is a table [profile.NAME].",
        )
    aside = [layer for layer in profiles if layer not in chosen]
    return files + chosen + list(_environment(request.variables)), aside


def _read(file: Path, *, must_exist: bool) -> str:
    try:
        return file.read_text("utf-8-sig")
    except FileNotFoundError:
        if must_exist:
            raise ConfigError(f"There is no file {file}.") from None
        return ""
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{file} is not UTF-8 text.") from None


def _parse(place: object, text: str) -> Table:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{place} is not valid TOML: {error}.") from None


def _profiles(file: Path, profiles: object, text: str) -> Iterator[Layer]:
    if not isinstance(profiles, dict):
        raise ConfigError(f"{file}: profile is not a table.", "Write [profile.NAME.SECTION].")
    for name, table in profiles.items():
        layer = Layer(str(file), table, ("profile", name), text)
        if not isinstance(table, dict):
            raise ConfigError(
                f"{layer.where(())}: profile.{name} is not a table.",
                f"Write [profile.{name}.SECTION].",
            )
        yield layer


def _environment(variables: tuple[tuple[str, str], ...]) -> Iterator[Layer]:
    for name, text in variables:
        section, separator, key = name.removeprefix(PREFIX).lower().partition("__")
        if separator:
            yield Layer(name, {section: {key: _variable(text, (section, key))}})
        elif name not in CHOICES and name != AT_INSTALLING:
            raise _unknown(name)


def _variable(text: str, path: KeyPath) -> object:
    """Return the value of a variable: text as it is, everything else as TOML."""
    kind = kind_at(path)
    if kind is None or is_text(kind):
        return text
    try:
        table = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        table = {}
    return table["value"] if len(table) == 1 else text


def _unknown(name: str) -> ConfigError:
    """Return the error for a variable that is neither a setting nor a choice."""
    from difflib import get_close_matches

    key = name.removeprefix(PREFIX).lower()
    section = next((s for s in fields_of(Settings) if key.startswith(f"{s}_")), None)
    near = get_close_matches(name, CHOICES, 1, 0.85)
    if section:
        near = [f"{PREFIX}{section}__{key.removeprefix(section + '_')}".upper()]
    hint = f"Did you mean {near[0]}?" if near else f"A setting is {PREFIX}SECTION__KEY."
    return ConfigError(f"The variable {name} sets nothing.", hint)
