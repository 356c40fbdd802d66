"""Pages are tested on the same stores as the reads that they are made of."""

from __future__ import annotations

from tests.store.conftest import database, server, store_url, store_urls

__all__ = ["database", "server", "store_url", "store_urls"]
