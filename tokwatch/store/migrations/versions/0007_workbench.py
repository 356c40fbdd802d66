"""The workbench's library, its runs, and calibrations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add tables."""
    op.create_table(
        "calibration",
        sa.Column("workspace", sa.Integer, primary_key=True, autoincrement=False),
        *(_text(name, key=True) for name in ("user_name", "model", "kind", "encoding")),
        *(_double(name) for name in ("a", "b")),
        *(_big(name) for name in ("pairs", "dropped", "sessions")),
        *(_double(name) for name in ("error", "p90", "raw_error")),
        _big("fitted_ms"),
        sqlite_with_rowid=False,
    )
    _add_templates()
    _add_runs()


def _add_templates() -> None:
    op.create_table(
        "template",
        sa.Column("workspace", sa.Integer, primary_key=True, autoincrement=False),
        *(_text(name, key=True) for name in ("user_name", "name")),
        _text("tags"),
        _big("uses"),
        sa.Column("used_ms", BIG, nullable=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "template_version",
        sa.Column("workspace", sa.Integer, primary_key=True, autoincrement=False),
        *(_text(name, key=True) for name in ("user_name", "name")),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        _big("saved_ms"),
        _text("model"),
        sa.Column("detailed", sa.Text, nullable=False),
        _text("terse"),
        *(_big(name) for name in ("detailed_tokens", "terse_tokens", "terse_from")),
        _text("stages"),
    )


def _add_runs() -> None:
    op.create_table(
        "compression_run",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("workspace", sa.Integer, nullable=False),
        _text("user_name"),
        _big("at_ms"),
        *(_text(name) for name in ("origin", "model", "stages")),
        *(_big(name) for name in ("before", "after")),
        sa.Column("budget", BIG, nullable=True),
        *(_big(name) for name in ("accepted", "rejected", "ms")),
        _text("failure"),
        sa.Column("summary_nano", BIG, nullable=True),
    )
    op.create_index("ix_compression_run_at", "compression_run", ["workspace", "at_ms"])


def _text(name: str, *, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=key, nullable=False, server_default="")


def _big(name: str) -> sa.Column[int]:
    return sa.Column(name, BIG, nullable=False)


def _double(name: str) -> sa.Column[float]:
    return sa.Column(name, sa.DOUBLE_PRECISION, nullable=False)
