"""An OpenCode session's conversation: messages with their parts, of version 1 or 2."""

from __future__ import annotations

from typing import Any, Final

from tokwatch.model.detail import Compaction, Delegation, Part
from tokwatch.sources.agents.documents import objects_in
from tokwatch.sources.answering import Answer, Response, answer_of
from tokwatch.sources.beside import part, plain
from tokwatch.sources.conversation import At, Conversation, hash_of, raw
from tokwatch.sources.counts import count, unix_ms
from tokwatch.sources.pieces import part_of, texts_of
from tokwatch.sources.text import safe_name
from tokwatch.sources.troubles import CONTEXT_LENGTH, INTERRUPTED, status_in, trouble_of

DELEGATES: Final = ("task", "subagent")
"""Tools that set a sub-agent to work."""
_ABORTED: Final = ("MessageAbortedError", "aborted")
_OVERFLOW: Final = ("ContextOverflowError",)


class Talk:
    """Takes the messages of one session in their order."""

    def __init__(self, talk: Conversation) -> None:
        """Add to a conversation."""
        self._talk = talk
        self._responses: dict[int, Response] = {}
        self._compacting: str = ""
        """What set off the compaction whose summary comes next."""

    def take(self, at: At, message: dict[str, Any], parts: list[dict[str, Any]], key: int) -> None:
        """Take a message of version 1; the key is that of its request, if it counts as one."""
        if message.get("role") == "assistant":
            self._take_answer(at, message, parts, key)
        elif message.get("role") == "user":
            self._take_asked(at, parts)

    def take_second(self, at: At, kind: str, message: dict[str, Any], key: int) -> None:
        """Take a message of version 2."""
        text = plain(message.get("text"))
        match kind:
            case "assistant":
                content = [piece for _, piece in objects_in(message.get("content"))]
                self._take_answer(at, message, content, key)
            case "user":
                asked = [{"type": "text", "text": text}]
                files = [one | {"type": "file"} for _, one in objects_in(message.get("files"))]
                self._take_asked(at, asked + files)
            case "system":
                self._talk.system(at, "", raw(text))
            case "synthetic":
                self._add(at, Part.ATTACHMENT, text)
            case "shell":
                shown = plain(message.get("command")) + plain(message.get("output"))
                self._add(at, Part.ATTACHMENT, shown)
            case "compaction":
                self._compact(at, _trigger(message.get("reason")))
                self._add(at, Part.SUMMARY, plain(message.get("summary")))
                self._add(at, Part.ATTACHMENT, plain(message.get("recent")))

    def _take_asked(self, at: At, parts: list[dict[str, Any]]) -> None:
        """Take what the user said; what the tool added to it begins no turn."""
        own = [one for one in parts if not (one.get("synthetic") or one.get("ignored"))]
        self._compacting = ""
        for one in own:
            if one.get("type") == "compaction":
                self._compacting = "auto" if one.get("auto") else "manual"
        if not self._compacting and any(one.get("type") in ("text", "file") for one in own):
            self._talk.turns.begin(at)
        for one in parts:
            text = plain(one.get("text"))
            if one.get("type") == "text" and not one.get("ignored"):
                self._add(at, Part.ATTACHMENT if one.get("synthetic") else part_of(text), text)
            elif one.get("type") == "file":
                self._take_file(at, one)
            elif one.get("type") == "subtask":
                self._add(at, Part.USER, plain(one.get("prompt")))

    def _take_file(self, at: At, one: dict[str, Any], call: str = "") -> None:
        """Take an image; the text of any other file follows in a part of its own."""
        address, kind = plain(one.get("url")) or plain(one.get("uri")), plain(one.get("mime"))
        if kind.startswith("image/"):
            known = self._talk.memory.calls.get(hash_of(call), ("", 0))
            self._talk.image(at, address, tool=known[0], subject=known[1], call=hash_of(call))

    def _take_answer(
        self, at: At, message: dict[str, Any], parts: list[dict[str, Any]], key: int
    ) -> None:
        if message.get("summary") is True:
            self._take_summary(at, message, parts, key)
            return
        # A request counts when it began, which is not when it was answered.
        ended = unix_ms(part(message, "time").get("completed")) or at.instant_ms + 1
        at = at._replace(instant_ms=max(at.instant_ms, ended), request=key)
        answer = answer_of(self._talk, self._responses, at)
        for one in parts:
            self._take_said(answer, one)
        tokens = part(message, "tokens")
        answer.size(count(tokens.get("reasoning")), count(tokens.get("output")))
        for one in parts:
            self._take_result(answer, one)
        finish = plain(message.get("finish"))
        if error := part(message, "error"):
            self._fail(answer.at, error)
        else:
            answer.end(goes_on=finish in ("tool-calls", "length") or not finish)

    def _take_said(self, answer: Answer, one: dict[str, Any]) -> None:
        state = part(one, "state")
        match one.get("type"):
            case "text" if not one.get("ignored"):
                answer.text(plain(one.get("text")))
            case "reasoning":
                answer.thought(plain(one.get("text")), _mark(one))
            case "tool":
                identity = plain(one.get("callID")) or plain(one.get("id"))
                tool = plain(one.get("tool")) or plain(one.get("name"))
                answer.call(tool, state.get("input"), identity)
            case "retry":
                self._fail(answer.at, part(one, "error"), max(1, count(one.get("attempt"))))

    def _take_result(self, answer: Answer, one: dict[str, Any]) -> None:
        """Take what a tool answered; a call that it is not known of is still running."""
        state, status = part(one, "state"), plain(part(one, "state").get("status"))
        if one.get("type") != "tool":
            return
        identity = plain(one.get("callID")) or plain(one.get("id"))
        ended = unix_ms(part(state, "time").get("end")) or unix_ms(
            part(one, "time").get("completed")
        )
        at = answer.at._replace(instant_ms=max(answer.at.instant_ms, ended or 0), request=0)
        tokens = 0
        if status in ("completed", "error"):
            told = state.get("output") or state.get("content") or state.get("error")
            block = self._talk.result(
                *(at, list(texts_of(told)), [], identity), is_error=status == "error"
            )
            tokens = block.tokens if block else 0
            for _, file in objects_in(state.get("attachments")):
                self._take_file(at, file, identity)
        if (plain(one.get("tool")) or plain(one.get("name"))) in DELEGATES:
            self._delegate(answer.at, identity, state, tokens)

    def _delegate(self, at: At, identity: str, state: dict[str, Any], tokens: int) -> None:
        """Tell that a call set a sub-agent to work."""
        told = part(state, "metadata") or part(state, "structured")
        child = plain(told.get("sessionId")) or plain(told.get("sessionID"))
        kind = plain(part(state, "input").get("subagent_type"))
        kind = kind or plain(part(state, "input").get("agent"))
        head = (at.instant_ms, at.agent, safe_name(child), safe_name(kind), tokens, at.offset)
        self._talk.delegation(Delegation(*head, call=hash_of(identity)))

    def _take_summary(
        self, at: At, message: dict[str, Any], parts: list[dict[str, Any]], key: int
    ) -> None:
        """Take the answer that sums everything up: a request, then what stands in its place."""
        self._talk.turns.answered(at._replace(request=key))
        ended = unix_ms(part(message, "time").get("completed"))
        if not ended or part(message, "error"):
            return
        # Its own request is of the context before.
        at = at._replace(instant_ms=max(at.instant_ms + 1, ended), request=0)
        self._compact(at, self._compacting)
        self._compacting = ""
        for one in parts:
            if one.get("type") == "text":
                self._add(at, Part.SUMMARY, plain(one.get("text")))

    def _compact(self, at: At, trigger: str) -> None:
        self._talk.compaction(
            Compaction(*(at.instant_ms, at.agent, None, None, trigger), offset=at.offset)
        )

    def _fail(self, at: At, error: dict[str, Any], attempt: int = 0) -> None:
        name = plain(error.get("name")) or plain(error.get("type"))
        told = part(error, "data") or error
        message = plain(told.get("message"))
        status = count(told.get("statusCode")) or status_in(message)
        status = status if 100 <= status < 600 else 0
        kind = trouble_of(status, message)
        kind = INTERRUPTED if name in _ABORTED else CONTEXT_LENGTH if name in _OVERFLOW else kind
        self._talk.failed(at, kind, status, attempt)

    def _add(self, at: At, sort: Part, text: str) -> None:
        if text:
            self._talk.text(at, sort, text)


def _mark(one: dict[str, Any]) -> str:
    """Return what a provider kept of encrypted thinking."""
    for told in part(one, "metadata").values():
        if isinstance(told, dict):
            for name in ("reasoningEncryptedContent", "signature"):
                if mark := plain(told.get(name)):
                    return mark
    return ""


def _trigger(reason: object) -> str:
    told = plain(reason)
    return told if told in ("auto", "manual") else ""
