"""No sums of blocks, and no index of heavy ones: nothing reads them."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Drop both; the blocks tell as much."""
    op.drop_table("block_sum")
    op.drop_index("ix_block_heavy", table_name="block")
