"""Who is at work in a session: whose budget the next request will be taken from."""

from __future__ import annotations

from typing import NamedTuple

from tokwatch.model.usage import Dimension
from tokwatch.store.view import ALL, SCOPE_COLUMNS, View, event_conditions, joins


class Worker(NamedTuple):
    """What is known of an agent by its newest request."""

    model: str
    """Empty of an agent that has made no request yet."""
    agent: str
    kind: str
    """Its sort, or "main" or "sub-agent"."""
    user: str
    tag: str
    key: str


def worker(view: View, session: str, agent: str = "") -> Worker | None:
    """Return who is at work in a session; None where none of its requests is stored."""
    found = event_conditions(view, ALL)
    rows = view.database.rows(
        f"SELECT m.name, s.agent, {SCOPE_COLUMNS[Dimension.KIND]}, p.user_name, p.tag, p.key_name "
        f"FROM event t {joins({'s', 'p', 'm', 'a'}, scoped=True)} WHERE {found.text} "
        "AND s.workspace = ? AND s.session = ? "
        "ORDER BY CASE WHEN s.agent = ? THEN 0 ELSE 1 END, t.instant_ms DESC, t.key DESC LIMIT 1",
        [*found.values, view.workspace, session, agent],
    )
    if not rows:
        return None
    one = Worker(*rows[0])
    if one.agent == agent:
        return one
    return one._replace(model="", agent=agent, kind="sub-agent" if agent else "main")
