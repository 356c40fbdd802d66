"""What requests are made of: blocks, turns, compactions, incidents, delegations, flights."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


HEAVY = sa.text("tokens >= 500")


def upgrade() -> None:
    """Add tables; they fill as the detail of logs is read."""
    _make_logs()
    _make_blocks()
    _make_sums()
    _make_turns()
    _make_happenings()


def _make_logs() -> None:
    op.create_table(
        "detail_log",
        _part("log"),
        *(_int("workspace"), _int("version")),
        *(_big("size", default="0"), _big("mtime_ns", default="0"), _text("inode", "0")),
        *(_big("offset_bytes", default="0"), _bytes("head"), _bytes("tail"), _bytes("state")),
    )
    op.create_table(
        "strand",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        *(_int("workspace"), _int("log"), _text("session"), _text("agent")),
    )
    op.create_index("ux_strand", "strand", ["log", "session", "agent"], unique=True)
    op.create_index("ix_strand_session", "strand", ["workspace", "session"])


def _make_blocks() -> None:
    _create(
        "block",
        _big("number", key=True),
        *(_int("workspace"), _big("instant_ms"), _text("part"), _text("tool")),
        *(_big(name) for name in ("chars", "tokens", "digest", "subject", "call")),
        *(_small("is_error"), _big("request"), _big("offset_bytes")),
    )
    op.create_index(
        *("ix_block_heavy", "block", ["workspace", "instant_ms", "tokens"]),
        sqlite_where=HEAVY,
        postgresql_where=HEAVY,
    )


def _make_sums() -> None:
    _create(
        "block_sum",
        *(_big("quarter_ms", key=True), _text("part", key=True), _text("tool", key=True)),
        *(_int("workspace"), _big("blocks"), _big("tokens"), _big("errors")),
    )
    op.create_index("ix_block_sum_quarter", "block_sum", ["workspace", "quarter_ms"])


def _make_turns() -> None:
    _create(
        "turn",
        _big("number", key=True),
        *(_int("workspace"), _big("begin_ms"), _big("end_ms"), _big("requests")),
        *(_big("tool_calls"), _small("interrupted"), _small("finished")),
    )
    op.create_index("ix_turn_begin", "turn", ["workspace", "begin_ms"])


def _make_happenings() -> None:
    _create(
        "compaction",
        _big("offset_bytes", key=True),
        *(_int("workspace"), _big("instant_ms")),
        *(_big("before_tokens", null=True), _big("after_tokens", null=True)),
        *(_text("cause"), _big("keeps_from", null=True)),
    )
    op.create_index("ix_compaction_instant", "compaction", ["workspace", "instant_ms"])
    _create(
        "incident",
        *(_big("offset_bytes", key=True), _text("kind", key=True)),
        *(_int("workspace"), _big("instant_ms"), _int("status"), _int("attempt")),
    )
    op.create_index("ix_incident_instant", "incident", ["workspace", "instant_ms"])
    _create(
        "delegation",
        _big("call", key=True),
        *(_int("workspace"), _big("instant_ms"), _text("child"), _text("kind")),
        *(_big("tokens"), _big("offset_bytes")),
    )
    _create(
        "flight",
        *(_big("identity", key=True), _int("workspace"), _big("instant_ms"), _text("model")),
    )
    op.create_index("ix_flight_instant", "flight", ["workspace", "instant_ms"])


def _create(table: str, *columns: sa.schema.SchemaItem) -> None:
    op.create_table(table, _part("strand"), *columns, sqlite_with_rowid=False)


def _part(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, primary_key=True, autoincrement=False)


def _int(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def _small(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.SmallInteger, nullable=False)


def _big(
    name: str, *, key: bool = False, null: bool = False, default: str | None = None
) -> sa.Column[int]:
    return sa.Column(
        *(name, BIG), primary_key=key, autoincrement=False, nullable=null, server_default=default
    )


def _text(name: str, default: str = "", *, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=key, nullable=False, server_default=default)


def _bytes(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary, nullable=False)
