"""Answers what the open screen asks in a thread of its own: no picture waits long for a page."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from tokwatch.model.snapshot import Page
from tokwatch.model.worker import Note, unnoted
from tokwatch.pages.sight import Ask, Growing, Sight
from tokwatch.store.connect import Database

WAITED_S: Final = 0.025
"""So long a picture waits for its page; what takes longer comes with a later picture."""
ENDS_S: Final = 0.3
"""So long quitting waits for an answer that is being made."""


class _Question(Struct, frozen=True, eq=False):
    """What was asked of which moment, and how the store was by then."""

    ask: Ask
    sight: Sight
    seen: object

    def is_like(self, other: _Question | None) -> bool:
        """Tell whether another one differs at most by what is new since."""
        return other is not None and self.ask == other.ask and self._shown == other._shown

    def is_as_new(self, other: _Question | None) -> bool:
        """Tell whether another one is the same, and nothing is new since."""
        return other is not None and self.is_like(other) and self.seen == other.seen

    @property
    def _shown(self) -> tuple[object, ...]:
        sight = self.sight
        past_ms = sight.at_ms if sight.at_ms < sight.now_ms else None
        return sight.span, past_ms, id(sight.config), sight.view.workspace, sight.view.user


class _Answer(Struct):
    """What became of a question."""

    question: _Question
    page: Page | None = None
    error: Exception | None = None
    is_late: bool = False
    """Whether no picture has had it yet."""
    goes_on: bool = False
    """Whether the next answer to the same question has more: it grew, and is not whole yet."""


class PageReader:
    """Makes pages with a connection of its own, one after the other."""

    def __init__(
        self,
        open_store: Callable[[], Database | None],
        wake: Callable[[], None],
        tell_roll: Note = unnoted,
    ) -> None:
        """Prepare to answer; `wake` asks for a picture that takes a late page along."""
        self._tell_roll = tell_roll
        self._open_store, self._wake = open_store, wake
        self._news = threading.Condition()
        self._thread: threading.Thread | None = None
        self._wanted: _Question | None = None
        self._busy: _Question | None = None
        self._awaited: _Question | None = None
        self._done: _Answer | None = None
        self._rests_until = 0.0
        self._reopens = False
        self._stopped = False

    def page(self, ask: Ask, sight: Sight, seen: object) -> Page | None:
        """Return the newest page for a question, which may lack the latest; None before the first.

        `seen` differs once the store has changed. What is not ready yet wakes the pictures then.
        """
        question = _Question(ask, sight, seen)
        with self._news:
            done = self._done
            if done is not None and done.is_late and question.is_as_new(done.question):
                if done.goes_on:
                    self._want(question)
                return self._newest(question)
            if self._busy is not None and question.is_as_new(self._busy):
                question = self._busy
            else:
                self._want(question)
            self._awaited = question
            self._news.wait_for(lambda: self._is_over(question), WAITED_S)
            self._awaited = None
            return self._newest(question)

    def forget(self) -> None:
        """Forget all answers, and open the store anew for the next one."""
        with self._news:
            self._wanted, self._busy, self._done, self._reopens = None, None, None, True

    def stop(self) -> None:
        """End the thread."""
        with self._news:
            self._stopped = True
            self._news.notify_all()
        if self._thread is not None:
            self._thread.join(timeout=ENDS_S)

    def _want(self, question: _Question) -> None:
        self._wanted = question
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="pages", daemon=True)
            self._thread.start()
        self._news.notify_all()

    def _is_over(self, question: _Question) -> bool:
        return self._stopped or (self._wanted is not question and self._busy is not question)

    def _newest(self, question: _Question) -> Page | None:
        """Return the last answer, if it is one to a like question."""
        done = self._done
        if done is None or not question.is_like(done.question):
            return None
        done.is_late = False
        if done.error is not None:
            self._done = None
            raise done.error
        return done.page

    def _run(self) -> None:
        database: Database | None = None
        while (question := self._next()) is not None:
            if self._reopens and database is not None:
                database.close()
                database = None
            self._reopens = False
            began = time.monotonic()
            answer = _Answer(question)
            try:
                database = database or self._open_store()
                if database is not None:
                    view = replace(question.sight.view, database=database)
                    content = question.ask.answer(replace(question.sight, view=view))
                    answer.page = Page(question.ask, content)
            except Exception as error:  # a worker's top: raised where the page is asked for
                answer.error, self._reopens = error, True
            self._tell_roll("pages", error=type(answer.error).__name__ if answer.error else "")
            self._tell(answer, time.monotonic() - began)
        if database is not None:
            with suppress(Exception):  # a worker's top: the process may be ending
                database.close()

    def _next(self) -> _Question | None:
        """Wait for a question; one like the last is answered after a rest as long as that took."""
        with self._news:
            while not self._stopped:
                wanted, done = self._wanted, self._done
                rest_s = 0.0
                if wanted is not None and done is not None and wanted.is_like(done.question):
                    rest_s = self._rests_until - time.monotonic()
                if wanted is not None and rest_s <= 0:
                    self._wanted, self._busy = None, wanted
                    return wanted
                self._news.wait(rest_s if rest_s > 0 else None)
        return None

    def _tell(self, answer: _Answer, spent_s: float) -> None:
        with self._news:
            if self._busy is not answer.question:
                return  # forgotten meanwhile
            self._busy = None
            self._rests_until = time.monotonic() + (spent_s if spent_s > WAITED_S else 0.0)
            answer.is_late = self._awaited is not answer.question
            answer.goes_on = _grows(answer.page, self._done.page if self._done else None)
            self._done = answer
            self._news.notify_all()
        if answer.is_late:
            self._wake()


def _grows(page: Page | None, before: Page | None) -> bool:
    """Tell whether a page is another one than before, and will be more."""
    if page is None or (before is not None and page.content is before.content):
        return False
    return isinstance(page.content, Growing) and page.content.goes_on
