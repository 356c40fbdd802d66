"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MEASURES = (
    *("events", "requests", "input", "cache_read", "cache_write_5m", "cache_write_1h", "output"),
    *("reasoning", "web_searches", "logged_nano", "computed_nano", "auto_nano"),
    *("unpriced_tokens", "uncosted_tokens", "lower_bound", "blind_prompt"),
)


def upgrade() -> None:
    """Make every table of an empty database."""
    _make_settings()
    _make_logs()
    _make_dimensions()
    _make_prices()
    _make_events()
    _make_rollups()


def _make_settings() -> None:
    op.create_table("workspace", _id(), sa.Column("name", sa.Text, nullable=False, unique=True))
    op.create_table("setting", _part("workspace"), _text("name", key=True), _text("value"))


def _make_logs() -> None:
    op.create_table(
        "log",
        *(_id(), _int("workspace"), _text("machine"), _text("path"), _text("source")),
        *(_text("device", "0"), _text("inode", "0")),
        *(_big("size", default="0"), _big("mtime_ns", default="0")),
        *(_big("offset_bytes", default="0"), _bytes("head"), _bytes("tail"), _bytes("state")),
        *(_int("version"), _text("session"), _text("parent")),
        *(_big(name, null=True) for name in ("begin_ms", "first_key", "second_key")),
        _big("own_start_ms", null=True),
        *(_big(name, default="0") for name in ("lines", "glued_lines", "bad_lines")),
        *(_big(name, default="0") for name in ("oversized_lines", "undated", "synthetic")),
        _big("unknown", default="0"),
    )
    op.create_index("ux_log_path", "log", ["workspace", "machine", "path"], unique=True)
    op.create_index("ix_log_session", "log", ["workspace", "session"])
    op.create_index("ix_log_parent", "log", ["workspace", "parent"])
    op.create_table(
        "ledger",
        *(_part("log"), _text("model", key=True), _int("workspace"), _text("session")),
        *(_big(name) for name in ("instant_ms", "input", "cache_read", "cache_write_5m")),
        *(_big(name) for name in ("cache_write_1h", "output", "reasoning", "web_searches")),
        _big("cost_nano"),
    )
    op.create_index("ix_ledger_session", "ledger", ["workspace", "session"])


def _make_dimensions() -> None:
    place = ("source", "project", "branch", "user_name", "tag", "machine")
    op.create_table("place", _id(), _int("workspace"), *(_text(name) for name in place))
    op.create_index("ux_place", "place", ["workspace", *place], unique=True)
    scope = (_id(), _int("workspace"), _int("place"), _text("session"), _text("agent"))
    op.create_table("scope", *scope)
    op.create_index("ux_scope", "scope", ["workspace", "session", "agent", "place"], unique=True)
    op.create_index("ix_scope_place", "scope", ["place"])
    op.create_table(
        "agent",
        _part("workspace"),
        *(_text(name, key=True) for name in ("source", "session", "agent")),
        *(_text("kind"), _text("parent")),
    )


def _make_prices() -> None:
    model = ("provider", "name", "tier")
    texts = (_text(name) for name in (*model, "priced_as", "note"))
    op.create_table("model", _id(), _int("workspace"), *texts)
    op.create_index("ux_model", "model", ["workspace", *model], unique=True)
    op.create_table(
        "card",
        *(_part("workspace"), _part("model"), _big("since_ms", key=True)),
        *(_big("above_tokens", key=True), _big("until_ms"), _big("upto_tokens")),
        *(_big(name) for name in ("input", "cache_read", "cache_write_5m", "cache_write_1h")),
        *(_big("output"), _big("web_search"), _text("source")),
    )


def _make_events() -> None:
    op.create_table(
        "event",
        *(*_counted(), _big("key", key=True), _int("log"), _small("copies")),
        _big("computed_nano", null=True),
    )
    op.create_index("ix_event_instant", "event", ["workspace", "instant_ms"])
    op.create_index("ix_event_scope", "event", ["scope", "instant_ms"])
    large = sa.text(
        "coalesce(input,0)+coalesce(cache_read,0)+coalesce(cache_write_5m,0)"
        "+coalesce(cache_write_1h,0) > 200000"
    )
    op.create_index(
        "ix_event_large", "event", ["scope"], sqlite_where=large, postgresql_where=large
    )
    op.create_table("copy", *_counted(), _big("key", key=True), _part("log"))
    op.create_index("ix_copy_log", "copy", ["log"])
    op.create_table("pruned", _big("key", key=True), _int("workspace"))


def _make_rollups() -> None:
    keys = {
        "quarter": (_big("quarter_ms", key=True), _part("scope"), _part("model")),
        "day": (_part("day"), _part("place"), _part("model")),
        "total": (_part("scope"), _part("model")),
    }
    for table, columns in keys.items():
        measures = (_big(name) for name in MEASURES)
        op.create_table(table, *measures, _part("workspace"), *columns, sqlite_with_rowid=False)
    op.create_index("ix_quarter_scope", "quarter", ["scope", "quarter_ms"])
    op.create_index("ix_day_cost", "day", ["workspace", "day", "model", "auto_nano", "events"])


def _counted() -> tuple[sa.Column[int], ...]:
    return (
        *(_int("workspace"), _big("instant_ms"), _big("first_ms"), _int("scope"), _int("model")),
        *(_big("requests"), _big("input", null=True), _big("cache_read", null=True)),
        *(_big("cache_write_5m", null=True), _big("cache_write_1h", null=True)),
        *(_big("output", null=True), _big("reasoning", null=True), _big("web_searches")),
        *(_big("logged_nano", null=True), _big("window_tokens", null=True)),
        *(_small("grade"), _small("final"), _small("copied"), _big("offset_bytes")),
    )


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True, autoincrement=True)


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
