"""Suggestions and what became of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add tables."""
    op.create_table(
        "suggestion",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        *(_int("workspace"), _text("user_name"), _text("name"), _text("kind"), _text("subject")),
        *(_text("state"), _text("severity"), _text("title")),
        *(_big("saving_nano"), _big("counted_nano"), _double("saving_share"), _big("requests")),
        *(_double("discount"), _int("rank"), _big("found_ms"), _big("seen_ms")),
        *(_big("accepted_ms", null=True), _big("promised_nano"), _double("rate_before")),
        *(_double("rate_after", null=True), _big("after_requests")),
        *(_big("realised_nano", null=True), _text("verdict"), _text("body")),
    )
    op.create_index("ux_suggestion", "suggestion", ["workspace", "user_name", "name"], unique=True)
    op.create_table(
        "suggestion_event",
        sa.Column("suggestion", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
        *(_int("workspace"), _big("key")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "suggestion_trigger",
        sa.Column("workspace", sa.Integer, primary_key=True, autoincrement=False),
        _text("user_name", primary=True),
        _text("name", primary=True),
        *(_big("times"), _big("last_ms"), _double("value"), _double("threshold")),
        sa.Column("is_on", sa.SmallInteger, nullable=False),
        sqlite_with_rowid=False,
    )


def _int(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def _big(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, BIG, nullable=null)


def _double(name: str, *, null: bool = False) -> sa.Column[float]:
    return sa.Column(name, sa.DOUBLE_PRECISION, nullable=null)


def _text(name: str, *, primary: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=primary, nullable=False, server_default="")
