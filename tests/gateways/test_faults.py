"""Every part of every kind of endpoint through every fault: nothing is lost, nothing doubled."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

import pytest

from tests.endpoint_server import Answer, EndpointServer, endpoint_server
from tests.gateways.cases import CASES, every_part, watched
from tests.gateways.polling import SILENT_S, Desk
from tests.gateways.world import HOUR_MS, Ledger, at_first, spoilt
from tokwatch.gateways.poll import Polled
from tokwatch.model.endpoint import PollState

CANARY = "pk-canary-1:sk-canary-5f1d0e7c9b"
PARTS = [pytest.param(of, id="-".join(of)) for of in every_part()]
# What becomes of an answer, what is told of it, and whether the circuit opens at once.
FAULTS = {
    "401": (Answer(status=401, body=CANARY.encode()), "the key is refused", True),
    "403": (Answer(status=403, body=CANARY.encode()), "the key may not read this", True),
    "404": (Answer(status=404), "no such thing", True),
    "429": (Answer(status=429, headers={"Retry-After": "1800"}), "too many requests", False),
    "500": (Answer(status=500, body=CANARY.encode()), "status 500", False),
    "503": (Answer(status=503), "not available", False),
    "slow": (Answer(b"", holds=True), "no answer within", False),
    "cut": (Answer(b'{"data": [', cut=50), "broke off", False),
    "garbage": (Answer(f"<html>{CANARY}</html>\n".encode()), "", True),
    "redirect": (Answer(status=307, headers={"Location": "/elsewhere"}), "leads elsewhere", True),
}
SHORT_S = 0.03


class Watch:
    """One part of one endpoint, what it told, and what it should have."""

    def __init__(self, server: EndpointServer, of: tuple[str, str]) -> None:
        self.server, self.case, self.world = server, CASES[of], at_first()
        self.desk: Desk = watched(server, of, self.world, CANARY)
        self.ledger = Ledger()
        self.part = of[1]

    def step(self) -> Polled:
        """Poll once and write it down."""
        polled = self.desk.step()
        self.ledger.take(polled)
        return polled

    def settle(self) -> None:
        """Let two questions come in their time, and what follows at once."""
        for _ in range(2):
            self.desk.at_ms = max(self.desk.at_ms, self.desk.poller.due_ms() or 0)
            seen = len(self.desk.got)
            self.desk.run(2)
            for polled in self.desk.got[seen:]:
                self.ledger.take(polled)

    def use(self, tokens: int) -> None:
        """Let somebody use tokens by the endpoint's clock, and tell of as many only now."""
        self.desk.later(60)
        now_ms = self.server.clock_ms()
        self.world.used += [(now_ms - 30_000, tokens), (now_ms - self.case.late_ms, tokens)]

    def breaks(self, fault: Callable[[Answer], Answer], spared: int = 0) -> Polled:
        """Poll once while answers become something else."""
        self.server.fault, self.server.spared = fault, spared
        is_slow = fault(Answer()).holds
        if is_slow:
            self.desk.be_patient(SHORT_S)
        polled = self.step()
        if is_slow:
            self.desk.be_patient(SILENT_S)
        self.server.fault = None
        return polled

    def holds(self) -> bool:
        """Tell whether all that was used was told, once."""
        return self.case.stands(self.ledger) == self.case.expected(self.world)


@pytest.mark.parametrize("of", PARTS)
def test_after_any_fault_nothing_is_lost_and_nothing_counts_twice(
    server: EndpointServer, of: tuple[str, str]
) -> None:
    watch = Watch(server, of)
    watch.settle()
    assert watch.holds()
    for number, (fault, (answer, words, opens)) in enumerate(FAULTS.items(), 1):
        if of[0] == "stream" and fault == "cut":
            continue  # that is no fault of a stream: its own tests cut it
        watch.use(number)
        before, known = watch.desk.state(watch.part), deepcopy(watch.ledger)

        failed = watch.breaks(lambda _, answer=answer: answer)  # type: ignore[misc]  # bound now

        assert watch.ledger == known, fault
        if not (watch.case.may_lack and fault == "404"):
            assert failed.told is None, fault
            assert failed.state.error, fault
            assert words in failed.state.error, fault
            assert (failed.state.state is PollState.OPEN) is opens, fault
            assert failed.state.cursor == before.cursor, fault
        if fault == "429":
            assert (watch.desk.poller.due_ms() or 0) - watch.desk.at_ms == 1_800_000
        watch.settle()
        assert watch.holds(), fault
        assert watch.desk.state(watch.part).error == "", fault
    assert server.most_at_once == 1
    assert "/elsewhere" not in server.paths()
    assert CANARY.partition(":")[2] not in repr((watch.desk.got, watch.desk.poller.endpoint))


@pytest.mark.parametrize("of", PARTS)
def test_what_is_of_other_types_is_not_taken_for_figures(
    server: EndpointServer, of: tuple[str, str]
) -> None:
    watch = Watch(server, of)
    watch.settle()
    watch.use(3)
    known = deepcopy(watch.ledger)

    for fault in (spoilt, lambda _: Answer([1, "x", None]), lambda _: Answer({})):
        wrong = watch.breaks(fault)

        assert wrong.state.error or wrong.state.bad or wrong.state.note
        assert watch.ledger == known
        watch.desk.later(5 * 3600)  # longer than what is read again anyway
        watch.desk.poller.retry()
    watch.settle()
    assert watch.holds()


@pytest.mark.parametrize("of", PARTS)
def test_what_is_gone_for_an_hour_or_has_another_clock_loses_nothing(
    server: EndpointServer, of: tuple[str, str]
) -> None:
    watch = Watch(server, of)
    watch.settle()
    asked = watch.desk.state(watch.part).requests
    with endpoint_server() as gone:
        nowhere = gone.url
    address, watch.desk.wire._address = watch.desk.wire._address, f"{nowhere}{watch.case.path}"
    watch.desk.wire.close()
    watch.use(5)
    watch.desk.run(3600)
    assert watch.desk.state(watch.part).error == "cannot be reached"
    assert watch.desk.state(watch.part).requests - asked <= 16
    watch.desk.wire._address = address
    watch.settle()
    assert watch.holds()

    for skew_ms in (3 * HOUR_MS, -3 * HOUR_MS, 0):
        server.clock_ms = lambda skew_ms=skew_ms: watch.desk.at_ms + skew_ms  # type: ignore[misc]  # bound now
        watch.use(7)
        watch.settle()
        assert watch.holds(), skew_ms


@pytest.mark.parametrize("of", PARTS)
def test_a_fault_in_the_last_of_several_questions_takes_nothing_apart(
    server: EndpointServer, of: tuple[str, str]
) -> None:
    watch = Watch(server, of)
    watch.settle()
    before = watch.desk.state(watch.part)
    watch.use(2)
    watch.settle()
    questions = (watch.desk.state(watch.part).requests - before.requests) // 2
    watch.use(4)
    known = deepcopy(watch.ledger)

    failed = watch.breaks(lambda _: Answer(status=500), spared=max(0, questions - 1))

    assert failed.told is None
    assert watch.ledger == known
    watch.settle()
    assert watch.holds()
