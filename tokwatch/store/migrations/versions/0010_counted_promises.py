"""What a suggestion that is followed promised beside those before it: no dollar twice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add the column; what is followed already is taken to have promised nothing twice."""
    op.add_column(
        "suggestion",
        sa.Column("promised_counted_nano", BIG, nullable=False, server_default="0"),
    )
    op.execute("UPDATE suggestion SET promised_counted_nano = promised_nano")
