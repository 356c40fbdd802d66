"""Records measures beside an ingest that may be running: it never has to wait for one to end."""

from __future__ import annotations

from collections.abc import Sequence

from tokwatch.config import Config
from tokwatch.model.measure import Measure
from tokwatch.store.connect import open_database, store_file
from tokwatch.store.measures import add_measures
from tokwatch.store.store import has_newest_tables, workspace_id, writing


def track(config: Config, measures: Sequence[Measure]) -> int:
    """Keep measures in the store; return how many of them are new or changed.

    Another process may write too: transactions take turns. Only a store that does not exist yet,
    or is an older one, needs the lock of the process that ingests.
    """
    url, data, name = config.store.url, config.data, config.general.workspace
    file = store_file(url, data)
    if file is None or file.exists():
        database = open_database(url, data)
        try:
            if has_newest_tables(database):
                return add_measures(database, workspace_id(database, name) or 0, measures)
        finally:
            database.close()
    with writing(url, data, name) as (database, workspace):
        return add_measures(database, workspace, measures)
