"""The one writer of the user's config.toml: keeps comments, checks before, leaves a way back."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from msgspec import structs

from tokwatch.config import Config, read
from tokwatch.config.layers import KeyPath
from tokwatch.config.toml_tables import renamed_table, spaced, without_table
from tokwatch.errors import ConfigError, TokwatchError

BACKUP: Final = ".backup"
"""What the name of the file before the last change ends in."""
Value = str | int | float | bool | list[str] | Mapping[str, object]


def set_values(
    config: Config, path: KeyPath, values: Mapping[str, Value | None], before: str = ""
) -> Path:
    """Set keys of a table, which is made where there is none; None takes a key out.

    `before` is the name that the table has so far. Returns the copy of the file as it was.
    Settings that would not hold are not written: a ConfigError says what is wrong with them.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    *above, name = path
    text = _text(config.file)
    if before and before != name:
        old = (*above, before)
        text = renamed_table(text, old, name) or _without(config, text, old)
    try:
        document = tomlkit.parse(text)
        table, is_new = document, False
        for depth, name in enumerate(path):
            if is_new := name not in table:
                table[name] = tomlkit.table(is_super_table=depth < len(path) - 1)
            table = table[name]
        for key, value in values.items():
            if value is not None:
                table[key] = value
            elif key in table:
                del table[key]
    except (TOMLKitError, TypeError, KeyError) as error:
        raise ConfigError(f"{config.file} cannot be changed: {error}.") from None
    changed = tomlkit.dumps(document)
    return _write(config, spaced(changed, tuple(path)) if is_new else changed)


def drop_table(config: Config, path: KeyPath) -> Path:
    """Take a table out; returns the copy of the file as it was."""
    return _write(config, _without(config, _text(config.file), tuple(path)))


def _without(config: Config, text: str, path: tuple[str, ...]) -> str:
    """Return settings without a table: line by line where it has lines of its own."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    if (found := without_table(text, path)) is not None:
        return found
    *above, name = path
    try:
        document = tomlkit.parse(text)
        table = document
        for part in above:
            table = table[part]
        del table[name]
    except (TOMLKitError, TypeError, KeyError):
        raise ConfigError(f"{config.file} has no [{'.'.join(path)}].") from None
    return tomlkit.dumps(document)


def undo(config: Config) -> bool:
    """Put the file back as it was before the last change, which can be undone too."""
    backup = backup_of(config.file)
    if not backup.exists():
        return False
    before, now = _text(backup), _text(config.file)
    _replace(config.file, before)
    _replace(backup, now)
    return True


def backup_of(file: Path) -> Path:
    """Return where the file is kept as it was before the last change."""
    return file.with_name(file.name + BACKUP)


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise TokwatchError(f"{file} cannot be read: {error}.") from None


def _write(config: Config, text: str) -> Path:
    """Check settings as they would be, keep a copy of those before, and write them at once."""
    file, backup = config.file, backup_of(config.file)
    trial = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        trial.write_text(text, "utf-8")
        try:
            read(structs.replace(config.request, file=trial, must_exist=True))
        except ConfigError as error:
            told = error.message.replace(str(trial), str(file))
            raise ConfigError(told, error.hint) from None
        _replace(backup, _text(file))
        if file.exists():
            shutil.copymode(file, trial)
        os.replace(trial, file.resolve() if file.is_symlink() else file)
    except OSError as error:
        raise TokwatchError(f"{file} cannot be written: {error.strerror}.") from None
    finally:
        with suppress(OSError):
            trial.unlink()
    return backup


def _replace(file: Path, text: str) -> None:
    """Write a whole file at once."""
    target = file.resolve() if file.is_symlink() else file
    trial = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        trial.write_text(text, "utf-8")
        if target.exists():
            shutil.copymode(target, trial)
        os.replace(trial, target)
    except OSError as error:
        raise TokwatchError(f"{file} cannot be written: {error.strerror}.") from None
