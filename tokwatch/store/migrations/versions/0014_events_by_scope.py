"""Events have no index by their instant: scopes have, and roll-ups tell which were at work.

Counts of logs are read from an index alone.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_COUNTS = ("bad_lines", "oversized_lines", "undated", "unknown", "repeated")


def upgrade() -> None:
    """Drop the one and add the others."""
    op.drop_index("ix_event_instant", table_name="event")
    op.create_index("ix_log_counts", "log", ["workspace", "source", *_COUNTS])
    sampled = sa.text("sample <> ''")
    op.create_index(
        "ix_log_sample",
        "log",
        ["workspace", "source"],
        sqlite_where=sampled,
        postgresql_where=sampled,
    )
