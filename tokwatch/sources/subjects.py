"""What a call of a tool is about: the file, else the command, address or pattern it names."""

from __future__ import annotations

from typing import Any, Final

from tokwatch.sources.conversation import hash_of

_FILES: Final = (
    *("file_path", "filePath", "notebook_path", "absolute_path", "path_to_file", "target_file"),
    *("filename", "file"),
)
_COMMANDS: Final = ("command", "cmd", "script", "url", "uri")
_SEARCHES: Final = ("pattern", "query", "regex")
_FOLDERS: Final = ("path", "paths", "directory", "dir_path")


def subject_of(arguments: object) -> int:
    """Return the hash of what a call is about; 0 where its arguments name nothing of the sort.

    Equal files have equal subjects, whatever tool reads or writes them.
    """
    if not isinstance(arguments, dict):
        return 0
    for names in (_FILES, _COMMANDS):
        if found := _first(arguments, names):
            return hash_of(found)
    search, folder = _first(arguments, _SEARCHES), _first(arguments, _FOLDERS)
    return hash_of(f"{search}\0{folder}" if search else folder)


def _first(arguments: dict[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        value = arguments.get(name)
        if isinstance(value, list) and all(isinstance(part, str) for part in value):
            value = " ".join(value)
        if isinstance(value, str) and value:
            return value
    return ""
