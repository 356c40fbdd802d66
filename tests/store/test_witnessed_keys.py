"""A request has the API key that its log tells, or that a gateway saw it come with."""

from __future__ import annotations

from itertools import permutations

from msgspec.structs import replace

from tests.store import facts
from tests.store.worlds import Script, request, script, whole
from tokwatch.model.event import Grade, Scope, Sighting
from tokwatch.model.facets import Facet, Pick, Portion
from tokwatch.model.usage import Dimension, Slice
from tokwatch.store.connect import Database
from tokwatch.store.read.costs import spending
from tokwatch.store.read.events import events
from tokwatch.store.read.usage import usage
from tokwatch.store.view import open_view


def read(database: Database, *logs: Script, version: int = 1) -> dict[int, Scope]:
    """Read logs one after the other and return the scope of each event."""
    for one in logs:
        facts.open_writer(database).add([whole(replace(one, version=version)).reading])
    found = facts.events(database)
    assert facts.cells(database) == facts.expected_cells(found.values())
    return {number: one.scope for number, one in found.items()}


def witness(number: int, key: str) -> Sighting:
    """Return what a gateway saw of a request."""
    scope = Scope("litellm", "proxy", user="ben", key=key)
    return request(number)._replace(scope=scope, grade=Grade.WITNESS)


def test_keys_are_stored_and_told_apart(database: Database) -> None:
    made = [request(number) for number in range(3)]
    keyed = [
        one._replace(scope=one.scope._replace(user="ana", key=key))
        for one, key in zip(made, ("ci", "laptop", "ci"), strict=True)
    ]
    read(database, script("/logs/a.jsonl", *keyed))
    view = open_view(database, "local")

    assert [one.scope.key for one in events(view)] == ["ci", "laptop", "ci"]
    told = {cell.group: cell.usage.requests for cell in usage(view, Slice(), (Dimension.KEY,))}
    assert told == {("ci",): 2, ("laptop",): 1}
    portion = Portion(picks=(Pick(Facet.KEY, "ci"),))
    [spent] = spending(view, portion, (Facet.USER, Facet.KEY))
    assert (spent.group, spent.amount.requests) == (("ana", "ci"), 2)


def test_the_key_that_a_gateway_saw_is_that_of_the_agents_request(database: Database) -> None:
    agent = script("/logs/a.jsonl", request(1), request(2))
    gateway = script("/logs/proxy.jsonl", witness(1, "ci"), witness(2, ""))
    later = script("/logs/later.jsonl", witness(1, "laptop")._replace(first_ms=2**42))
    own = request(1).scope

    for order in permutations((agent, gateway, later)):
        facts.clear(database)
        assert read(database, *order) == {1: own._replace(key="ci"), 2: own}


def test_a_key_goes_with_the_log_that_told_it(database: Database) -> None:
    agent = script("/logs/a.jsonl", request(1))
    gateway = script("/logs/proxy.jsonl", witness(1, "ci"))
    read(database, agent, gateway)

    without = script("/logs/proxy.jsonl", witness(9, "ci"))
    assert read(database, without, version=2)[1] == request(1).scope
    assert read(database, gateway, version=3)[1].key == "ci"


def test_a_key_that_the_agents_own_log_tells_stays(database: Database) -> None:
    own = request(1)._replace(scope=request(1).scope._replace(key="mine"))
    read(database, script("/logs/a.jsonl", own))

    assert read(database, script("/logs/proxy.jsonl", witness(1, "ci")))[1].key == "mine"
