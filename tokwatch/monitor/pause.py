"""How long no picture is made after one."""

from __future__ import annotations

import time
from threading import Event


def pause_s(spent_s: float, refresh_hz: float) -> float:
    """Return how long to wait after a picture: making them takes half of one core at most."""
    return max(1 / refresh_hz - spent_s, spent_s)


class Rest:
    """Waits between pictures, and may let the second of two follow at once.

    Of answers that come together the first notices tell a part. What is left does not wait for
    the pause after that part; the next pause is longer by what was left out.
    """

    def __init__(self, stop: Event, news: Event) -> None:
        """Prepare to wait for the end, and for what the tools write."""
        self._stop, self._news = stop, news
        self._left_out_s = 0.0

    def take(self, seconds: float, *, after_news: bool) -> None:
        """Wait for so long after a picture; news end it, but not for two pictures of news in turn.

        After a picture of something else they always do: while history is read there are many.
        """
        if self._left_out_s and after_news:
            self._stop.wait(seconds + self._left_out_s)
            self._left_out_s = 0.0
            return
        began = time.monotonic()
        is_early = self._news.wait(seconds)
        if is_early and after_news:
            self._left_out_s = max(0.0, seconds - (time.monotonic() - began))
        elif not is_early:
            self._left_out_s = 0.0
