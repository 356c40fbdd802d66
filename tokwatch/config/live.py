"""Follow the config files while tokwatch runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tokwatch.config import Config, read
from tokwatch.errors import ConfigError

Stamp = tuple[int, int, int]


class LiveConfig:
    """The last settings that were whole, and what is wrong with the files since, if anything."""

    def __init__(
        self, config: Config, check: Callable[[Config], object] = lambda config: None
    ) -> None:
        """Begin with settings that hold; `check` raises a ConfigError for others that may not."""
        self.config = config
        self._check = check
        self.error: ConfigError | None = None
        self._stamps = _stamps(config)

    def refresh(self) -> bool:
        """Read again if a file changed; say whether the settings or the error are others."""
        stamps = _stamps(self.config)
        if stamps == self._stamps:
            return False
        self._stamps = stamps
        before = (self.config, str(self.error))
        try:
            changed = read(self.config.request)
            self._check(changed)
            self.config, self.error = changed, None
        except ConfigError as error:
            self.error = error
        return before != (self.config, str(self.error))


def _stamps(config: Config) -> list[Stamp | None]:
    return [_stamp(file) for file in config.request.files]


def _stamp(file: Path) -> Stamp | None:
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
