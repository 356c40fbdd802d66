"""Events of a rollout: its turns, what went wrong in them, and names that come late."""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct

from tokwatch.sources.agents.codex_items import Items
from tokwatch.sources.agents.codex_spawns import Spawns
from tokwatch.sources.beside import part, plain
from tokwatch.sources.conversation import At, Conversation
from tokwatch.sources.text import safe_name
from tokwatch.sources.troubles import INTERRUPTED, status_in, trouble_of

EVENTS: Final = (
    *("task_started", "task_complete", "turn_aborted", "user_message", "error", "stream_error"),
    *("mcp_tool_call_end", "collab_agent_spawn_end", "item_completed"),
)
"""Those that matter, but for usage."""

_TIMED_ID: Final = "7"
"""Version of ids that begin with their time: they are in order."""
_VERSION_AT: Final = 14


class Thread(Struct, array_like=True):
    """Whose rollout it is, and where in it the reading stands."""

    session: str = ""
    own_from: int = 0
    """Records before this ordinal were inherited from the thread that spawned this one."""
    is_inherited: bool = False
    """True within a turn that was inherited."""
    in_turn: bool = False


class Events:
    """Takes the events of one rollout."""

    def __init__(self, talk: Conversation, thread: Thread, items: Items, spawns: Spawns) -> None:
        """Go on with the thread as the last read left it."""
        self._talk = talk
        self._thread = thread
        self._items = items
        self._spawns = spawns

    def take(self, at: At, payload: dict[str, Any]) -> None:
        """Take one event."""
        match payload.get("type"):
            case "task_started":
                self._begin_turn(at, payload)
            case "task_complete":
                self._end_turn(at, payload)
            case "turn_aborted":
                self._abort_turn(at)
            case "user_message":
                self._take_prompt(at)
            case "error" | "stream_error":
                self._take_error(at, payload)
            case "mcp_tool_call_end":
                self._take_server(payload)
            case "collab_agent_spawn_end":
                self._take_spawned(at, payload)
            case "item_completed":
                self._take_completed(at, part(payload, "item"))

    def _begin_turn(self, at: At, payload: dict[str, Any]) -> None:
        self._thread.is_inherited = _is_older(plain(payload.get("turn_id")), self._thread.session)
        self._thread.in_turn = True
        if not self._thread.is_inherited:
            self._talk.turns.begin(at)

    def _take_prompt(self, at: At) -> None:
        """Take a message of the user: in old rollouts it alone begins a turn."""
        if not self._thread.in_turn:
            self._talk.turns.begin(at)

    def _end_turn(self, at: At, payload: dict[str, Any]) -> None:
        self._thread.in_turn = False
        if self._thread.is_inherited:
            return
        if isinstance(payload.get("error"), dict):
            self._take_error(at, part(payload, "error"))
        else:
            self._talk.turns.went_on(at, finished=True)

    def _abort_turn(self, at: At) -> None:
        self._thread.in_turn = False
        if not self._thread.is_inherited:
            self._talk.failed(at, INTERRUPTED)

    def _take_error(self, at: At, payload: dict[str, Any]) -> None:
        """Take a failure; the stream's own are tried again."""
        message = plain(payload.get("message"))
        status = status_in(message)
        attempt = 1 if payload.get("type") == "stream_error" else 0
        self._talk.failed(at, trouble_of(status, message), status, attempt)

    def _take_server(self, payload: dict[str, Any]) -> None:
        """Take which server's tool a call was of."""
        invocation = part(payload, "invocation")
        server, tool = plain(invocation.get("server")), plain(invocation.get("tool"))
        if server and tool:
            name = safe_name(f"mcp__{server}__{tool}")
            self._items.rename(plain(payload.get("call_id")), name)

    def _take_spawned(self, at: At, payload: dict[str, Any]) -> None:
        child = payload.get("new_thread_id")
        self._spawns.take_activity(at, {"id": payload.get("call_id"), "agent_thread_id": child})

    def _take_completed(self, at: At, item: dict[str, Any]) -> None:
        if item.get("type") == "UserMessage":
            self._take_prompt(at)
        else:
            self._spawns.take_activity(at, item)


def _is_older(turn: str, session: str) -> bool:
    """Tell whether a turn is from before its thread; only ids that begin with their time tell."""
    timed = (turn[_VERSION_AT : _VERSION_AT + 1], session[_VERSION_AT : _VERSION_AT + 1])
    return timed == (_TIMED_ID, _TIMED_ID) and turn < session
