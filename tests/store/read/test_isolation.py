"""No read function shows a user or a workspace anything of another's."""

from __future__ import annotations

import inspect
import pickle
from collections.abc import Callable, Iterator
from importlib import import_module
from pkgutil import iter_modules

import pytest
from msgspec.structs import replace

from tests.store import made_detail
from tests.store.build import Made, build
from tests.store.read.test_usage import MARCH_MS
from tokwatch.model.alert import Alert, AlertChange, Severity
from tokwatch.model.calendar import Calendar
from tokwatch.model.endpoint import Bucket, EndpointState
from tokwatch.model.event import Grade
from tokwatch.model.limits import limit_measure
from tokwatch.model.measure import Measure
from tokwatch.model.performance import Told
from tokwatch.model.reading import LedgerLine
from tokwatch.model.suggestion import Grade as Sure
from tokwatch.model.suggestion import Klass, Suggestion, TriggerCount
from tokwatch.model.template import Draft, Run
from tokwatch.model.units import OPEN_END_MS
from tokwatch.model.usage import Dimension, Slice
from tokwatch.store import read as package
from tokwatch.store.alerts import write_alerts
from tokwatch.store.calibrations import write_calibrations
from tokwatch.store.connect import Database
from tokwatch.store.endpoints import write_polled
from tokwatch.store.library import add_run, save_template
from tokwatch.store.limits import ToldWindow, write_told
from tokwatch.store.measures import add_measures
from tokwatch.store.read import every as read
from tokwatch.store.read.audit import evidence_of
from tokwatch.store.read.every import View, usage
from tokwatch.store.read.health import store_facts
from tokwatch.store.read.tools import tools_of
from tokwatch.store.read.witnesses import statements, witnessed
from tokwatch.store.sql import COUNTED
from tokwatch.store.store import open_store
from tokwatch.store.suggestions import write_suggestions, write_triggers
from tokwatch.tokens.calibrated import Calibration, Kind

PLAIN = Made(MARCH_MS, logged_nano=7, cache_read=0, cache_write_5m=0, cache_write_1h=0, reasoning=0)
ANA = replace(
    PLAIN,
    input=100,
    output=50,
    user="ana",
    session="s-ana",
    model="m-ana",
    project="/ana",
    machine="ana's",
    path="/ana.jsonl",
)
BEN = replace(
    PLAIN,
    input=200,
    output=75,
    user="ben",
    session="s-ben",
    model="m-ben",
    project="/ben",
    machine="ben's",
    path="/ben.jsonl",
)
CARDS = {"rates", "stored_zone", "endpoint_states"}
"""Reads of what belongs to a whole workspace: prices, the zone of its days, its endpoints."""
PARTS = {evidence_of, witnessed, store_facts}
"""Parts of other reads, which ask for conditions or requests; and what a store tells of itself."""
CHANGING = {read.loose_sessions, read.model_gaps}
"""Reads for which `ask` changes the store."""


def reads() -> Iterator[Callable[..., object]]:
    """Yield every function of the package that takes a view of the store."""
    for module in iter_modules(package.__path__, f"{package.__name__}."):
        for name, found in inspect.getmembers(import_module(module.name), inspect.isfunction):
            parameters = [*inspect.signature(found).parameters]
            if found.__module__ == module.name and parameters[:1] == ["view"] and name[0] != "_":
                yield found


READS = sorted(set(reads()) - PARTS, key=lambda function: function.__name__)
NAMES = [function.__name__ for function in READS]


def line(session: str, model: str) -> LedgerLine:
    """Return a tool's own total."""
    return LedgerLine(session, model, MARCH_MS, 999, 0, 0, 0, 999, 0, 0, 1)


def shared(database: Database, *, same_session: bool = False) -> View:
    """Return a store of two users, who may even use the same session id."""
    made = [ANA, BEN]
    if same_session:
        made = [replace(one, session="s") for one in made]
    logs: list[dict[str, object]] = [
        {"path": one.path, "machine": one.machine, "session": one.session, "sample": one.user}
        for one in made
    ]
    logs += [log | {"path": f"/gateway{log['path']}", "source": "litellm"} for log in logs]
    ledger = [(one.path, line(one.session, one.model)) for one in made]
    doubtful = [replace(one, grade=Grade.DERIVED, final=0, input=0, output=0) for one in made]
    view = build(database, [*made, *doubtful], logs=logs, ledger=ledger)
    for key, one in enumerate(made, 1):
        detail = made_detail.detail_of(one.user, one.at_ms, request=key)
        made_detail.write(database, one.path, detail, machine=one.machine)
    _add_memory_files(database)
    _add_what_is_told_twice(database)
    scores = [
        Measure("score", one.at_ms, 1.0, one.user, (("os", "linux"), ("user", one.user)))
        for one in made
    ]
    add_measures(database, 1, [*scores, Measure("score", MARCH_MS, 2.0)])
    _add_alerts(database, [one.user for one in made])
    _add_limits(database, made)
    _add_suggestions(database, [one.user for one in made])
    _add_endpoint(database, [one.user for one in made])
    for one in made:
        numbers = (1.0, 0.0, 12, 0, 1, 0.1, 0.2, 0.3, MARCH_MS)
        fit = Calibration(one.model, Kind.PROMPT, "cl100k_base", *numbers)
        write_calibrations(database, 1, one.user, [fit])
        _add_library(database, one.user)
    return view


def _add_suggestions(database: Database, users: list[str]) -> None:
    """Let each user have a suggestion and a trigger."""
    for user in users:
        words = (user, user, f"project {user}", Severity.NOTICE, user)
        plain = Suggestion(*words, 5, 5, 0.5, Sure.LOW, Sure.LOW, Klass.FIX, (user,))
        write_suggestions(database, 1, [plain], MARCH_MS, user)
        write_triggers(database, 1, [TriggerCount(user, 1, MARCH_MS, 1.0, 1.0, True)], user)


def _add_endpoint(database: Database, users: list[str]) -> None:
    """Let an endpoint tell of each user's use and budget."""
    for user in users:
        used = Bucket("usage", MARCH_MS, 1000, f"m-{user}", user=user, output=3)
        write_polled(database, 1, EndpointState("box", "usage"), buckets=[used])
        tags = (("endpoint", "box"), ("user", user))
        add_measures(database, 1, [Measure("spent_usd", MARCH_MS, 1.0, "usd", tags, "endpoint")])


def _add_library(database: Database, user: str) -> None:
    """Let a user have a template and a run."""
    draft = Draft(f"{user}'s text", f"{user}'s", detailed_tokens=3, terse_tokens=2)
    save_template(database, 1, user, "shared", draft, MARCH_MS)
    run = Run(MARCH_MS, "compress", f"m-{user}", (), 3, 2, None, 1, 0, 5, user=user)
    add_run(database, 1, run, Measure("optimisation", MARCH_MS, 1.0, "", (("user", user),)))


def _add_limits(database: Database, made: list[Made]) -> None:
    """Let each user's tool tell of a quota and of a window."""
    for one in made:
        told = limit_measure(one.user, MARCH_MS, 5.0, 300, MARCH_MS // 1000, one.user)
        quota = told._replace(tags=tuple(sorted((*told.tags, ("user", one.user)))))
        window = ToldWindow("claude-code", one.session, one.model, one.user, 500_000, MARCH_MS)
        write_told(database, 1, [window], [quota])


def _add_alerts(database: Database, users: list[str]) -> None:
    """Let each user have an alert that was told."""
    found = [
        Alert(
            *(0, "cost", f"session {user}", Severity.WARNING, MARCH_MS, MARCH_MS),
            *(1, 1, 1, user),
            user=user,
        )
        for user in users
    ]
    write_alerts(database, 1, [AlertChange(one, True, True) for one in found], ["webhook"])


def _add_memory_files(database: Database) -> None:
    """Let each conversation have a memory file beside each other block."""
    same = "workspace, instant_ms, tool, chars, tokens, digest, subject, call, is_error, request"
    columns = f"strand, number, part, offset_bytes, {same}"
    database.execute(
        f"INSERT INTO block ({columns}) SELECT strand, number + 100, 'memory', offset_bytes, {same}"
        " FROM block"
    )


def _add_what_is_told_twice(database: Database) -> None:
    """Let each user's gateway tell of their request, and Ben's of Ana's too."""
    columns = ", ".join(("workspace", *COUNTED))
    database.execute(f"INSERT INTO copy ({columns}) SELECT {columns} FROM event")
    told = columns.replace("log,", "log + 2,")
    database.execute(f"INSERT INTO copy ({columns}) SELECT {told} FROM event")
    told = columns.replace("log,", "4,").replace("scope,", "2,")
    database.execute(f"INSERT INTO copy ({columns}) SELECT {told} FROM event WHERE key = 1")
    database.execute("UPDATE event SET copies = 2")
    database.execute(
        "INSERT INTO request_fact (workspace, key, log, name, value)"
        " SELECT workspace, key, log, 'retries', 1 FROM copy"
        " UNION ALL SELECT workspace, key, log, 'may_overlap', 1 FROM copy"
    )


def ask(function: Callable[..., object], view: View) -> object:
    """Call a read function with what it needs beside the view."""
    if function is read.newest_quotas:
        return read.newest_quotas(view, MARCH_MS)
    if function is read.newest_gauges:
        return read.newest_gauges(view, 0)
    if function is read.days_of_buckets:
        return read.days_of_buckets(view, "box")
    if function is read.rated_requests:
        return read.rated_requests(view, Slice())
    if function is read.whole_sessions:
        return read.whole_sessions(view, ["s", "s-ana", "s-ben"])
    if function is read.breadth:
        return [one for one in read.breadth(view) if one]
    if function is read.timeline:
        return read.timeline(view, Slice(), 1000)
    if function is read.daily_costs:
        return read.daily_costs(view, Slice(), Calendar())
    if function is read.request_facts:
        return [read.request_facts(view, key) for key in (1, 2) if read.request_facts(view, key)]
    if function is read.stored_request:
        return [found for key in (1, 2) if (found := read.stored_request(view, key))]
    if function is read.facts_by_request:
        return read.facts_by_request(view, [1, 2])
    if function in (read.measure_series, read.measures):
        return function(view, "score")
    if function is read.dimensions_usage:
        return read.dimensions_usage(view, Slice(), (Dimension.USER, Dimension.SESSION))
    if function is read.costs_over_time:
        return read.costs_over_time(view, Slice())
    if function is read.failures:
        return read.failures(view, Slice(), ["s", "s-ana", "s-ben"])
    if function is read.memory_files:
        return read.memory_files(view, ["s", "s-ana", "s-ben"], OPEN_END_MS)
    if function is read.known_before:
        known = read.known_before(view, MARCH_MS + 1_000_000, ["s", "s-ana", "s-ben"])
        return [*known.sessions, *known.projects, *known.models]
    if function is read.answers:
        sessions = ("s", "s-ana", "s-ben")
        return [one for name in sessions for one in read.answers(view, "claude-code", name)]
    if function in (read.session_detail, read.detail_logs):
        details = [function(view, "claude-code", session) for session in ("s", "s-ana", "s-ben")]
        return [one for one in details if one and one != read.SessionDetail()]
    if function is read.family:
        families = [read.family(view, "claude-code", one) for one in ("s", "s-ana", "s-ben")]
        return [one for one in families if one]
    if function in (read.stored_text, read.stored_versions):
        return function(view, "shared")
    if function is read.calibration_logs:
        return [*read.calibration_logs(view, 0, "ana's"), *read.calibration_logs(view, 0, "ben's")]
    if function is read.session_requests:
        return read.session_requests(view, "claude-code", ("s", "s-ana", "s-ben"))
    if function is read.requests_mark:
        mark = read.requests_mark(view, "claude-code", ("s", "s-ana", "s-ben"))
        return mark if any(mark) else None
    if function is read.loose_sessions:
        called = "UPDATE log SET path = '/s-' || substr(path, 2) WHERE substr(path, 1, 3) <> '/s-'"
        view.database.execute(called)
        return read.loose_sessions(view, ["s", "s-ana", "s-ben"], [])
    if function is read.requests_before:
        return read.requests_before(view, ["s", "s-ana", "s-ben"], MARCH_MS + 1, 8)
    if function in (read.session_totals, read.turns_so_far):
        return function(view, [("claude-code", one) for one in ("s", "s-ana", "s-ben")])
    if function is read.worker:
        return list(filter(None, (read.worker(view, one) for one in ("s", "s-ana", "s-ben"))))
    if function is read.chains_of:
        return read.chains_of(view, [1, 2])
    if function is read.estimate_sums:
        sums = read.estimate_sums(view)
        return sums if any(sums) else None
    if function is read.model_gaps:
        view.database.execute("UPDATE event SET logged_nano = NULL, computed_nano = NULL")
        return read.model_gaps(view)
    if function is read.performance:
        told = read.performance(view)
        return [one for name in Told.__struct_fields__ if (one := getattr(told, name))]
    if function is read.savings:
        saved = read.savings(view)
        return saved if saved.count else None
    if function is statements:
        return [one for key in (1, 2) for one in statements(view, key)]
    if function is tools_of:
        return tools_of(view, Slice()).called
    if function is read.rates:
        return read.rates(view, ["m-ana", "m-ben"])
    return function(view)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def stores(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., View]]:
    """Return what gives the store of two users: one for all reads but those that change it."""
    made: dict[tuple[bool, str], View] = {}

    def store(function: Callable[..., object], *, same_session: bool = False) -> View:
        key = (same_session, function.__name__ if function in CHANGING else "")
        if key not in made:
            folder = tmp_path_factory.mktemp("store")
            url = ""
            if request.param == "postgresql":
                url = request.getfixturevalue("server").make_new_store()
            made[key] = shared(open_store(url, folder), same_session=same_session)
        return made[key]

    yield store
    for view in made.values():
        view.database.close()


@pytest.mark.parametrize("function", READS, ids=NAMES)
@pytest.mark.parametrize("same_session", [False, True])
def test_a_user_sees_nothing_of_another(
    stores: Callable[..., View], function: Callable[..., object], same_session: bool
) -> None:
    everyone = stores(function, same_session=same_session)
    anas, bens = (ask(function, replace(everyone, user=user)) for user in ("ana", "ben"))
    nobodys = ask(function, replace(everyone, user="nobody"))
    if function.__name__ not in CARDS:
        assert not nobodys
        assert anas
        assert bens
        for found, stranger in ((anas, b"ben"), (bens, b"ana")):
            assert stranger not in pickle.dumps(found)


@pytest.mark.parametrize("function", READS, ids=NAMES)
def test_a_workspace_sees_nothing_of_another(
    stores: Callable[..., View], function: Callable[..., object]
) -> None:
    database = stores(function).database
    database.execute("INSERT INTO workspace (id, name) VALUES (99, 'other') ON CONFLICT DO NOTHING")
    assert not ask(function, read.open_view(database, "other"))
    assert not ask(function, read.open_view(database, "unknown"))


def test_two_users_on_one_store_have_150_and_275_tokens(database: Database) -> None:
    everyone = shared(database)
    totals = [usage(replace(everyone, user=user))[0].usage.total for user in ("ana", "ben", None)]
    assert totals == [150, 275, 425]
