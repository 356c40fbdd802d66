"""Sketches of what users say, by which near-duplicates are found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add the column; it fills as the detail of logs is read again."""
    op.add_column("block", sa.Column("sketch", BIG, nullable=False, server_default="0"))
