"""Alerts, the requests that they rest on, and their deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
OPEN = sa.text("closed_ms IS NULL")


def upgrade() -> None:
    """Add tables."""
    op.create_table(
        "alert",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        *(_int("workspace"), _text("rule"), _text("subject"), _text("severity")),
        *(_big("opened_ms"), _big("updated_ms")),
        *(_big("closed_ms", null=True), _big("acknowledged_ms", null=True)),
        *(_big("snoozed_until_ms", null=True), _big("clear_since_ms", null=True)),
        *(_double("value"), _double("worst"), _double("threshold")),
        *(_int("times"), _text("title"), _text("user_name")),
    )
    op.create_index(
        *("ux_alert_open", "alert", ["workspace", "rule", "subject"]),
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index("ix_alert_updated", "alert", ["workspace", "updated_ms"])
    op.create_table(
        "alert_event",
        sa.Column("alert", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
        *(_int("workspace"), _big("key")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "alert_delivery",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        *(_int("workspace"), _int("alert"), _text("channel"), _text("state"), _int("tries")),
        *(_big("asked_ms"), _big("at_ms"), _text("error")),
    )
    op.create_index(
        *("ux_alert_delivery", "alert_delivery", ["workspace", "alert", "channel", "asked_ms"]),
        unique=True,
    )


def _int(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def _big(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, BIG, nullable=null)


def _double(name: str) -> sa.Column[float]:
    return sa.Column(name, sa.DOUBLE_PRECISION, nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")
