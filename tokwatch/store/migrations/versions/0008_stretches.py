"""Which sightings are parts of a running total that several logs may tell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add the table; it fills as logs are read again, by their parsers' newer versions."""
    op.create_table(
        "stretch",
        sa.Column("key", BIG, primary_key=True, autoincrement=False),
        sa.Column("log", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("counter", BIG, nullable=False),
        sa.Column("begins", sa.Text, nullable=False, server_default=""),
        sa.Column("ends", sa.Text, nullable=False, server_default=""),
        sa.Column("since_ms", BIG, nullable=True),
    )
    op.create_index("ix_stretch_counter", "stretch", ["counter"])
    op.create_index("ix_stretch_log", "stretch", ["log"])
