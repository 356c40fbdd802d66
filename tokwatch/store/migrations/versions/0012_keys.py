"""The API key of a request as a dimension of its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

PLACE = ("workspace", "source", "project", "branch", "user_name", "tag", "machine")


def upgrade() -> None:
    """Add the column; it fills as the logs that tell keys are read again."""
    op.add_column("place", sa.Column("key_name", sa.Text, nullable=False, server_default=""))
    op.drop_index("ux_place", table_name="place")
    op.create_index("ux_place", "place", [*PLACE, "key_name"], unique=True)
