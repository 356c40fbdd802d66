"""What tools tell of official limits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add the sizes of context windows; readings of quotas are measures."""
    op.create_table(
        "window_size",
        sa.Column("workspace", sa.Integer, primary_key=True, autoincrement=False),
        *(_text("source", key=True), _text("session", key=True), _text("model", key=True)),
        *(_text("user_name"), sa.Column("tokens", BIG, nullable=False)),
        sa.Column("seen_ms", BIG, nullable=False),
        sqlite_with_rowid=False,
    )


def _text(name: str, *, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=key, nullable=False, server_default="")
