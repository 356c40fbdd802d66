"""The life of alerts: once, with hysteresis, however much it flaps."""

from __future__ import annotations

from msgspec.structs import replace

from tokwatch.analysis.alerting.life import QUIET_MS, Patience, advanced
from tokwatch.model.alert import Alert, AlertState, Firing, Judgement, Severity

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS


def firing(at_ms: int, value: float = 12.0, rule: str = "cost", subject: str = "all") -> Firing:
    """Return that a rule holds."""
    return Firing(rule, subject, Severity.WARNING, value, 10.0, 8.0, "title", (1, 2), at_ms)


class World:
    """Alerts as they would be stored."""

    def __init__(self) -> None:
        """Begin without any."""
        self.alerts: dict[int, Alert] = {}
        self.told: list[int] = []
        self.writes = 0

    def see(self, at_ms: int, value: float | None, *, holding: bool = False) -> None:
        """Take one judgement: it fires at a value, or it does not."""
        found = Judgement(
            at_ms,
            () if value is None else (firing(at_ms, value),),
            frozenset({("cost", "all")}) if holding else frozenset(),
            frozenset({"cost"}),
        )
        for change in advanced(list(self.alerts.values()), found, {"cost"}, HOUR_MS):
            self.writes += 1
            number = change.alert.id or len(self.alerts) + 1
            self.alerts[number] = replace(change.alert, id=number)
            if change.tells:
                self.told.append(number)

    @property
    def only(self) -> Alert:
        """The one alert that there is."""
        (alert,) = self.alerts.values()
        return alert


def test_it_opens_once_and_is_updated_while_it_holds() -> None:
    world = World()
    for second in range(120):
        world.see(second * 1000, 12 + (second == 60) * 5)

    assert world.only.worst == 17
    assert world.only.value == 12
    assert world.only.events == (1, 2)
    assert world.told == [1]
    assert world.writes <= 2 + 120_000 // QUIET_MS


def test_a_value_that_stands_still_is_not_written_again() -> None:
    world = World()
    for second in range(600):
        world.see(second * 1000, 12)

    assert world.writes == 1


def test_it_closes_after_two_windows_below_the_clear_level() -> None:
    world = World()
    world.see(0, 12)
    world.see(1000, None)
    world.see(1000 + 2 * MINUTE_MS - 1, None)
    assert world.only.closed_ms is None
    world.see(1000 + 2 * MINUTE_MS, None)

    assert world.only.closed_ms == 1000 + 2 * MINUTE_MS


def test_between_the_threshold_and_the_clear_level_it_stays_open() -> None:
    world = World()
    world.see(0, 12)
    for minute in range(1, 60):
        world.see(minute * MINUTE_MS, None, holding=True)

    assert world.only.closed_ms is None
    assert world.only.clear_since_ms is None


def test_a_short_dip_does_not_count() -> None:
    world = World()
    for minute in range(60):
        world.see(minute * MINUTE_MS, None if minute % 2 else 12)

    assert world.only.closed_ms is None
    assert world.only.times == 1


def test_an_hour_of_flapping_makes_one_alert() -> None:
    world = World()
    for second in range(0, 3600, 5):
        is_up = second // 200 % 2 == 0
        world.see(second * 1000, 12 if is_up else None)

    assert len(world.alerts) == 1
    assert world.told == [1]
    assert world.only.times > 1


def test_after_the_hour_it_is_another_one() -> None:
    world = World()
    world.see(0, 12)
    world.see(1000, None)
    closed_ms = 1000 + 2 * MINUTE_MS
    world.see(closed_ms, None)
    world.see(closed_ms + HOUR_MS + 1, 12)

    assert len(world.alerts) == 2
    assert world.told == [1, 2]


def test_what_was_acknowledged_stays_so_when_it_comes_back() -> None:
    world = World()
    world.see(0, 12)
    world.alerts[1] = replace(world.only, acknowledged_ms=500)
    world.see(1000, None)
    world.see(1000 + 2 * MINUTE_MS, None)
    world.see(1000 + 3 * MINUTE_MS, 12)

    assert world.only.state(1000 + 3 * MINUTE_MS) is AlertState.ACKNOWLEDGED
    assert world.told == [1]


def test_a_snoozed_one_wakes_up_and_is_told_again() -> None:
    world = World()
    world.see(0, 12)
    world.alerts[1] = replace(world.only, snoozed_until_ms=HOUR_MS)
    world.see(HOUR_MS - 1, 12)
    assert world.only.state(HOUR_MS - 1) is AlertState.SNOOZED
    assert world.told == [1]
    world.see(HOUR_MS, 12)

    assert world.only.state(HOUR_MS) is AlertState.OPEN
    assert world.told == [1, 1]


def test_a_rule_that_was_switched_off_closes_what_it_opened() -> None:
    alert = replace(WORLD_ALERT, rule="gone")
    (change,) = advanced([alert], Judgement(99, (), frozenset(), frozenset()), {"cost"}, HOUR_MS)

    assert change.alert.closed_ms == 99


def test_a_rule_that_was_not_judged_leaves_its_alerts_alone() -> None:
    unknown = Judgement(99, (), frozenset(), frozenset())

    assert advanced([WORLD_ALERT], unknown, {"cost"}, HOUR_MS) == []


def test_subjects_are_alerts_of_their_own() -> None:
    found = Judgement(
        5, (firing(5, subject="a"), firing(5, subject="b")), frozenset(), frozenset({"cost"})
    )

    assert [one.alert.subject for one in advanced([], found, {"cost"}, HOUR_MS)] == ["a", "b"]


def test_a_rule_may_have_to_hold_for_a_while() -> None:
    patience, told = Patience(), []
    for minute in range(13):
        found = Judgement(minute * MINUTE_MS, (firing(minute * MINUTE_MS),), frozenset())
        if patience.sift(found, {"cost": 10 * MINUTE_MS}, ()).firings:
            told.append(minute)

    assert told == [10, 11, 12]


def test_a_pause_begins_the_waiting_anew_but_not_a_mere_dip() -> None:
    waits = {"cost": 2 * MINUTE_MS}
    name = frozenset({("cost", "all")})
    dipped, paused = Patience(), Patience()
    for patience, holding in ((dipped, name), (paused, frozenset())):
        patience.sift(Judgement(0, (firing(0),), frozenset()), waits, ())
        patience.sift(Judgement(MINUTE_MS, (), holding, frozenset({"cost"})), waits, ())
        patience.sift(Judgement(MINUTE_MS, (), frozenset()), waits, ())  # it was not judged
    at_ms = 2 * MINUTE_MS
    last = Judgement(at_ms, (firing(at_ms),), frozenset())

    assert dipped.sift(last, waits, ()).firings
    assert not paused.sift(last, waits, ()).firings


WORLD_ALERT = Alert(
    1, "cost", "all", Severity.WARNING, 0, 0, value=12, worst=12, threshold=10, title="title"
)
