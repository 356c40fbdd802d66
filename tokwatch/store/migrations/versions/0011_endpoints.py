"""What endpoints tell, and how their polling does."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add both tables."""
    op.create_table(
        "endpoint",
        sa.Column("workspace", sa.Integer, primary_key=True, autoincrement=False),
        *(_text("name", key=True), _text("part", key=True), _text("kind"), _text("state")),
        sa.Column("failures", sa.Integer, nullable=False),
        *(_text("error"), _text("note")),
        *(_big("tried_ms", null=True), _big("succeeded_ms", null=True), _big("next_ms")),
        *(_big("newest_ms", null=True), _big("requests"), _big("bytes"), _big("unchanged")),
        *(_big("bad"), sa.Column("paused", sa.SmallInteger, nullable=False), _text("cursor")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "usage_bucket",
        sa.Column("workspace", sa.Integer, primary_key=True, autoincrement=False),
        *(_text("endpoint", key=True), _text("report", key=True)),
        sa.Column("begin_ms", BIG, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("width_ms", BIG, primary_key=True, autoincrement=False, nullable=False),
        *(_text("model", key=True), _text("provider", key=True), _text("project", key=True)),
        *(_text("user_name", key=True), _text("key_name", key=True)),
        *(_text("tier", key=True), _text("item", key=True)),
        *(_big("requests", null=True), _big("input", null=True), _big("cache_read", null=True)),
        *(_big("cache_write_5m", null=True), _big("cache_write_1h", null=True)),
        *(_big("output", null=True), _big("web_searches", null=True)),
        _big("cost_nano", null=True),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_usage_bucket_begin", "usage_bucket", ["workspace", "begin_ms"])


def _text(name: str, *, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=key, nullable=False, server_default="")


def _big(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, BIG, nullable=null)
