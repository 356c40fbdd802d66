"""How long no picture is made after one."""

from __future__ import annotations

from threading import Event


def pause_s(spent_s: float, refresh_hz: float) -> float:
    """Return how long to wait after a picture: making them takes half of one core at most."""
    return max(1 / refresh_hz - spent_s, spent_s)


def rest(seconds: float, stop: Event, news: Event, *, after_news: bool) -> None:
    """Wait for so long, or for the end.

    What the tools write ends it where the picture before was of something else: while history is
    read there is always one.
    """
    (stop if after_news else news).wait(seconds)
