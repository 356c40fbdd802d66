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


def _text(name: str, *, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=key, nullable=False, server_default="")


def _big(name: str) -> sa.Column[int]:
    return sa.Column(name, BIG, nullable=False)


def _double(name: str) -> sa.Column[float]:
    return sa.Column(name, sa.DOUBLE_PRECISION, nullable=False)
