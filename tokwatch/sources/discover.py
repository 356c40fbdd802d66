"""Finds the logs below a source's roots: each file once, however many paths lead to it."""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from pathlib import Path
from typing import Final, NamedTuple

from msgspec import Struct, field

from tokwatch.sources.source import Root
from tokwatch.sources.tables import is_database, pending_status

_REPOSITORY: Final = ".git"
"""Never entered: agents keep checkpoints as repositories of thousands of folders."""
_by_name: Final = attrgetter("name")


class FoundLog(NamedTuple):
    """A log as the file system shows it now."""

    path: str
    root: Path
    size: int
    mtime_ns: int
    device: int
    inode: int


def _nothing(_path: str) -> None:
    """Know of no walk before."""


class Walk(Struct):
    """One walk over the roots of all sources: what was found, and what could not be read."""

    before: Callable[[str], FoundLog | None] = _nothing
    """What the walk before found at a path: what is as it was is the same object again."""
    errors: dict[str, str] = field(default_factory=dict)
    """Folder -> why it could not be read."""
    _folders: set[tuple[int, int]] = field(default_factory=set)
    """Those that were walked for the source at hand: another one may want other files there."""
    _inodes: defaultdict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    """Device -> those of the logs that were found."""

    def over(self, roots: Iterable[Root], wants: Callable[[str], bool]) -> Iterator[FoundLog]:
        """Yield the wanted files below the roots that this walk has not seen yet.

        Until the last one has come `errors` may lack some, and nothing else is to be looked over.
        """
        self._folders = set()
        for root in roots:
            is_log = root.shallow and os.path.isfile(root.path)
            yield from self._named(root.path) if is_log else self._below(root, wants)

    def file(self, path: str) -> list[FoundLog]:
        """Return one file as it is now, unless it is gone."""
        try:
            status = os.stat(path)
        except FileNotFoundError:
            return []
        except OSError as error:
            self.errors[path] = error.strerror or type(error).__name__
            return []
        return [_found(path, Path(), status)] if stat.S_ISREG(status.st_mode) else []

    def _below(self, root: Root, wants: Callable[[str], bool]) -> Iterator[FoundLog]:
        pending = [str(root.path)]
        while pending:
            folder = pending.pop()
            try:
                with os.scandir(folder) as entries:
                    if not self._is_new_folder(folder):
                        continue
                    rest = sorted(entries, key=_by_name, reverse=True)
                    while rest:  # each keeps its status once that is read: let go one by one
                        entry = rest.pop()
                        if self._is_folder(entry):
                            enter = not root.shallow and entry.name != _REPOSITORY
                            pending += [entry.path] if enter else []
                        elif wants(entry.path) and (found := self._file(entry, root.path)):
                            yield found
            except FileNotFoundError:
                continue
            except OSError as error:
                self.errors[folder] = error.strerror or type(error).__name__

    def _is_folder(self, entry: os.DirEntry[str]) -> bool:
        """Tell a folder from a file; a link that leads nowhere is no reason to stop."""
        try:
            return entry.is_dir()
        except OSError as error:
            self.errors[entry.path] = error.strerror or type(error).__name__
            return False

    def _is_new_folder(self, folder: str) -> bool:
        """Tell whether a folder is seen for the first time: links may lead to it again."""
        status = os.stat(folder)
        identity = (status.st_dev, status.st_ino)
        if status.st_ino and identity in self._folders:
            return False
        self._folders.add(identity)
        return True

    def _named(self, path: Path) -> Iterator[FoundLog]:
        """Yield a log that a setting names, whatever it is called."""
        for found in self.file(str(path)):
            if log := self._once(found._replace(root=path)):
                yield log

    def _file(self, entry: os.DirEntry[str], root: Path) -> FoundLog | None:
        try:
            status = entry.stat() if os.name != "nt" else os.stat(entry.path)
        except FileNotFoundError:
            return None
        except OSError as error:
            self.errors[entry.path] = error.strerror or type(error).__name__
            return None
        if not stat.S_ISREG(status.st_mode):
            return None
        return self._once(_found(entry.path, root, status))

    def _once(self, found: FoundLog) -> FoundLog | None:
        """Return a log unless another path has led to it: the object of before if it is equal."""
        inodes = self._inodes[found.device]
        if found.inode and found.inode in inodes:
            return None
        before = self.before(found.path)
        log = found if before is None or before != found else before
        inodes.add(log.inode)  # not found's, which is equal: that would keep 20,000 more integers
        return log


def _found(path: str, root: Path, status: os.stat_result) -> FoundLog:
    size, mtime_ns = status.st_size, status.st_mtime_ns
    if is_database(path):
        pending, changed_ns = pending_status(path)
        size, mtime_ns = size + pending, max(mtime_ns, changed_ns)
    return FoundLog(path, root, size, mtime_ns, status.st_dev, status.st_ino)
