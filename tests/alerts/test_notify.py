"""Alerts beyond the screen, on a real web server of this machine and with real commands."""

from __future__ import annotations

import json
import logging
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import stamina
from msgspec.structs import replace

from tests.alerts.desk import MINUTE_MS, START_MS, Desk
from tests.store.build import Made, build
from tokwatch.alerts.notify import (
    Courier,
    DeliveryError,
    channels,
    deliver,
    document,
    is_loud,
    is_quiet,
    message,
    run_command,
    try_all,
)
from tokwatch.config.alerting import Notify
from tokwatch.model.alert import Alert, Delivery, DeliveryState, Severity
from tokwatch.model.units import NANO
from tokwatch.net import NetError, post_json
from tokwatch.store.read.every import deliveries
from tokwatch.store.store import open_store

NOW = datetime(2025, 11, 18, 14, 2, tzinfo=UTC)
AT_MS = int(NOW.timestamp() * 1000)
ALERT = Alert(
    *(7, "burn", "all", Severity.CRITICAL, AT_MS, AT_MS, 38.0, 40.0, 25.0),
    "burn rate $38.00 (above $25.00) · <@everyone> & co",
    events=(5, 6),
)
WAITING = Delivery(1, 7, "webhook", DeliveryState.WAITING, 0, AT_MS)
SECRET = "T0123-very-secret"


@dataclass
class Receiver:
    """A web server that answers as it is told to."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    """Of the next answers; 200 from then on."""
    got: list[bytes] = field(default_factory=list)
    free: threading.Event = field(default_factory=threading.Event)
    """While it is not set, nobody gets an answer."""
    arrived: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Return a web server on the loopback interface."""
    told = Receiver()
    told.free.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.got.append(self.rfile.read(int(self.headers["Content-Length"])))
            told.arrived.set()
            told.free.wait(20)
            status = told.statuses.pop(0) if told.statuses else 200
            self.send_response(status)
            if status == 302:
                self.send_header("Location", told.url)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told.url = f"http://127.0.0.1:{server.server_port}/{SECRET}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield told
    told.free.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def dead_url() -> str:
    """Return an address of this machine at which nobody listens."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/{SECRET}"


@pytest.fixture(autouse=True)
def without_waiting() -> Iterator[None]:
    """Let tries follow each other at once."""
    stamina.set_testing(True, attempts=4, cap=True)
    yield
    stamina.set_testing(False)


def sent(settings: Notify, channel: str = "webhook") -> Delivery:
    """Return how a delivery went."""
    return deliver(replace(WAITING, channel=channel), ALERT, settings, lambda: AT_MS + 9)


def test_a_webhook_gets_what_slack_takes(receiver: Receiver) -> None:
    done = sent(Notify(webhook=receiver.url))

    assert (done.state, done.tries, done.error) == (DeliveryState.SENT, 1, "")
    (body,) = receiver.got
    told = json.loads(body)
    assert told["text"].startswith("tokwatch critical: burn rate $38.00 (above $25.00)")
    assert "&lt;@everyone&gt; &amp; co" in told["text"]
    assert told["attachments"][0]["color"] == "danger"


def test_a_server_that_fails_at_first_is_tried_again(receiver: Receiver) -> None:
    receiver.statuses = [500, 503, 429]

    done = sent(Notify(webhook=receiver.url))

    assert (done.state, done.tries, done.error) == (DeliveryState.SENT, 4, "")
    assert len(receiver.got) == 4


def test_a_server_that_goes_on_failing_is_given_up(receiver: Receiver) -> None:
    receiver.statuses = [500] * 9

    done = sent(Notify(webhook=receiver.url))

    assert (done.state, done.tries) == (DeliveryState.FAILED, 4)
    assert done.error == "answered with status 500"


@pytest.mark.parametrize("status", [302, 400, 404, 410])
def test_what_will_not_get_better_is_tried_once(receiver: Receiver, status: int) -> None:
    receiver.statuses = [status]

    done = sent(Notify(webhook=receiver.url))

    assert (done.state, done.tries) == (DeliveryState.FAILED, 1)
    assert len(receiver.got) == 1


def test_a_dead_endpoint_is_given_up_and_its_address_never_told(
    dead_url: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        done = sent(Notify(webhook=dead_url))

    assert (done.state, done.tries, done.error) == (DeliveryState.FAILED, 4, "cannot be reached")
    assert SECRET not in "".join(capfd.readouterr()) + caplog.text
    assert SECRET not in repr(done)


def test_a_slow_endpoint_is_not_waited_for_longer_than_allowed(receiver: Receiver) -> None:
    receiver.free.clear()

    with pytest.raises(NetError) as caught:
        post_json(receiver.url, {}, 0.1)

    assert str(caught.value) == "no answer within 0.1 s"
    assert caught.value.is_passing


def test_an_address_that_is_none_is_told_without_it() -> None:
    with pytest.raises(NetError) as caught:
        post_json(f"nonsense://{SECRET}", {}, 1)

    assert SECRET not in str(caught.value)


def test_a_command_gets_the_alert_on_its_input(tmp_path: Path) -> None:
    target = tmp_path / "told.json"
    copy = f"import sys; open({str(target)!r}, 'w').write(sys.stdin.read())"

    done = sent(Notify(command=(sys.executable, "-c", copy)), "command")

    assert done.state is DeliveryState.SENT
    told = json.loads(target.read_text("utf-8"))
    assert told == document(ALERT, AT_MS + 9)
    assert told["openedAt"] == "2025-11-18T14:02:00+00:00"
    assert told["events"] == [5, 6]


def test_no_shell_takes_part_in_a_command(tmp_path: Path) -> None:
    target = tmp_path / "made"
    settings = Notify(
        command=(sys.executable, "-c", "pass", f"; touch {target}", f"$(touch {target})")
    )

    run_command(settings, {})

    assert not target.exists()


@pytest.mark.parametrize(
    ("code", "told"),
    [("raise SystemExit(3)", "ended with status 3"), ("input(); input()", "ended with status 1")],
)
def test_a_command_that_fails_is_told(code: str, told: str) -> None:
    with pytest.raises(DeliveryError, match=told):
        run_command(Notify(command=(sys.executable, "-c", code)), {})


def test_a_command_that_is_not_there_is_told() -> None:
    with pytest.raises(DeliveryError, match="No such file"):
        run_command(Notify(command=("/nowhere/at-all",)), {})


def test_a_command_that_hangs_is_ended() -> None:
    class Impatient(Notify, frozen=True):
        """Waits for less than settings allow."""

    hanging = Impatient(
        command=(sys.executable, "-c", "import time; time.sleep(60)"), timeout_seconds=0.2
    )

    with pytest.raises(DeliveryError, match="took longer"):
        run_command(hanging, {})


@pytest.mark.parametrize(
    ("clock", "is_held"),
    [("21:59", False), ("22:00", True), ("23:30", True), ("06:59", True), ("07:00", False)],
)
def test_quiet_hours_run_over_midnight(clock: str, is_held: bool) -> None:
    settings = Notify(quiet_from="22:00", quiet_until="07:00")
    at = datetime.fromisoformat(f"2025-11-18T{clock}+00:00")

    assert is_quiet(settings, at, UTC) is is_held
    assert not is_quiet(Notify(), at, UTC)


def test_only_what_matters_enough_leaves_the_list() -> None:
    assert is_loud(ALERT, Notify(least="critical"))
    assert is_loud(replace(ALERT, severity=Severity.WARNING), Notify())
    assert not is_loud(replace(ALERT, severity=Severity.NOTICE), Notify())


def test_a_message_holds_no_control_characters() -> None:
    told = message(replace(ALERT, title="a\x1b[31m\nb"))

    assert told["text"] == "tokwatch critical: a[31mb"


def test_the_test_takes_every_road_that_is_on(receiver: Receiver) -> None:
    settings = Notify(webhook=receiver.url, command=("/nowhere/at-all",))

    assert channels(settings) == ("webhook", "command")
    assert try_all(settings, NOW) == [
        ("webhook", ""), ("command", "No such file or directory"),
    ]  # fmt: skip
    assert try_all(Notify(), NOW) == []


def courier(settings: Notify, done: list[Delivery], now: datetime = NOW) -> Courier:
    """Return a courier that notes what came to an end."""
    return Courier(settings, UTC, lambda: now, done.append)


def test_a_slow_receiver_holds_nobody_up(receiver: Receiver) -> None:
    receiver.free.clear()
    done: list[Delivery] = []
    mine = courier(Notify(webhook=receiver.url, command=(sys.executable, "-c", "pass")), done)
    waiting = [(WAITING, ALERT), (replace(WAITING, id=2, channel="command"), ALERT)]

    assert mine.see_to(waiting) == []
    assert receiver.arrived.wait(60)
    mine.see_to(waiting)  # both are on their way: nothing is sent twice
    mine._begun[2][1].join(20)
    assert [one.channel for one in done] == ["command"]
    # Nor does the one without an answer stop those behind it, a few at a time.
    many = [(replace(WAITING, id=number), ALERT) for number in (1, 3, 4, 5, 6, 7)]
    mine.see_to(many)
    mine.see_to(many)
    assert sorted(mine._begun) == [1, 3, 4, 5]
    receiver.free.set()
    mine.wait(60)
    mine.see_to(many[:1])  # it went, though the store does not know yet
    mine.wait(60)
    assert sorted(one.id for one in done) == [1, 2, 3, 4, 5]
    assert len(receiver.got) == 4


def test_in_quiet_hours_it_waits_and_is_dropped_where_it_is_over_by_then() -> None:
    done: list[Delivery] = []
    settings = Notify(webhook="http://127.0.0.1:9/", quiet_from="14:00", quiet_until="15:00")
    mine = courier(settings, done)

    assert mine.see_to([(WAITING, ALERT)]) == []
    assert mine._begun == {}
    over = replace(ALERT, closed_ms=AT_MS + 5, updated_ms=AT_MS + 5)
    (dropped,) = mine.see_to([(WAITING, over)])
    assert (dropped.state, dropped.error) == (DeliveryState.FAILED, "was over before it was told")


def test_a_road_that_was_switched_off_is_not_taken() -> None:
    (dropped,) = courier(Notify(), []).see_to([(WAITING, ALERT)])

    assert dropped.error == "switched off"


def test_a_found_alert_reaches_the_webhook_and_the_store_says_so(
    receiver: Receiver, tmp_path: Path
) -> None:
    receiver.statuses = [500]
    database = open_store("", tmp_path)
    desk = Desk(tmp_path, database, settings=f'[notify]\nwebhook = "{receiver.url}"\n')
    build(database, [Made(START_MS, computed_nano=11 * NANO)])
    rounds = desk.rounds()
    desk.after(1000, rounds)
    rounds._courier.wait(60)
    desk.after(MINUTE_MS, rounds)
    rounds.close()

    (told,) = deliveries(desk.view)
    assert (told.channel, told.state, told.tries) == ("webhook", DeliveryState.SENT, 2)
    assert len(receiver.got) == 2
    stored = "".join(database.rows("SELECT group_concat(error || channel) FROM alert_delivery")[0])
    assert SECRET not in stored
    database.close()


def test_what_waited_for_a_process_that_died_is_sent_by_the_next(
    receiver: Receiver, dead_url: str, tmp_path: Path
) -> None:
    database = open_store("", tmp_path)
    quiet = 'quiet_from = "00:00"\nquiet_until = "23:59"\n'
    desk = Desk(tmp_path, database, settings=f'[notify]\nwebhook = "{dead_url}"\n{quiet}')
    build(database, [Made(START_MS, computed_nano=11 * NANO)])
    rounds = desk.rounds()
    desk.after(1000, rounds)
    rounds.close()
    assert [one.state for one in deliveries(desk.view)] == [DeliveryState.WAITING]

    desk.settings = f'[notify]\nwebhook = "{receiver.url}"\n'
    again = desk.rounds()
    desk.after(1000, again)
    again._courier.wait(60)
    desk.after(1000, again)
    again.close()

    assert [one.state for one in deliveries(desk.view)] == [DeliveryState.SENT]
    database.close()
