"""Tells that a look at the logs would bring nothing, without loading what reads and writes them."""

from __future__ import annotations

from tokwatch.config import Config
from tokwatch.ingest.chosen import chosen_sources, roots_of, surroundings
from tokwatch.prices.settings import PriceSettings
from tokwatch.prices.version import version
from tokwatch.sources.discover import Walk
from tokwatch.store.connect import Database
from tokwatch.store.statuses import statuses
from tokwatch.store.store import open_existing, setting, workspace_id
from tokwatch.zones import find_zone


def is_fresh(config: Config, only: tuple[str, ...] = ()) -> bool:
    """Tell that the store holds all that the logs tell, under the prices and zone of now.

    False wherever that is not certain: where a folder cannot be read, or events have a limited
    time to live.
    """
    database = (
        None if config.retention.events_days else open_existing(config.store.url, config.data)
    )
    if database is None:
        return False
    try:
        workspace = workspace_id(database, config.general.workspace)
        return (
            workspace is not None
            and not database.notice
            and _settings_stand(config, database, workspace)
            and _logs_stand(config, database, workspace, only)
        )
    finally:
        database.close()


def _settings_stand(config: Config, database: Database, workspace: int) -> bool:
    prices = version(PriceSettings.from_config(config.prices, config.data))
    zone, _ = find_zone(config.general.timezone)
    return (
        setting(database, workspace, "prices") == prices
        and setting(database, workspace, "zone") == zone
    )


def _logs_stand(config: Config, database: Database, workspace: int, only: tuple[str, ...]) -> bool:
    """Tell that every log has the status that it had when it was read."""
    known = statuses(database, workspace, config.general.machine)
    where, walk = surroundings(), Walk()
    for source in chosen_sources(config, only):
        for log in walk.over(roots_of(source, config, where), source.wants):
            now = (log.size, log.mtime_ns, str(log.inode), source.version)
            if known.get(log.path) != now:
                return False
    return not walk.errors
