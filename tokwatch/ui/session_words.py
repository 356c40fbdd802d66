"""Words for one session's contents: names of parts, spans of time, how far a log is read."""

from __future__ import annotations

from typing import Final

from tokwatch.analysis.composition import UNTOLD
from tokwatch.analysis.growing import Group
from tokwatch.analysis.truncation import Strategy
from tokwatch.model.caching import Break, Cause
from tokwatch.model.detail import DetailReading, Part, server_of
from tokwatch.pages.session import SessionPage
from tokwatch.tokens.calibrated import Calibration
from tokwatch.ui import format as fmt

PARTS: Final = {
    Part.SYSTEM: "system prompt",
    Part.MEMORY: "memory files",
    Part.USER: "user",
    Part.ASSISTANT: "assistant",
    Part.THINKING: "thinking",
    Part.TOOL_CALL: "tool calls",
    Part.TOOL_RESULT: "tool results",
    Part.IMAGE: "images",
    Part.SUMMARY: "summary",
    Part.ATTACHMENT: "attachments",
}
ONE: Final = {
    Part.SYSTEM: "system prompt",
    Part.MEMORY: "memory file",
    Part.USER: "user's message",
    Part.TOOL_CALL: "call",
    Part.TOOL_RESULT: "result",
    Part.IMAGE: "image",
    Part.SUMMARY: "summary",
    Part.ATTACHMENT: "attachment",
}
STRATEGIES: Final = {
    Strategy.SLIDING: "system and newest",
    Strategy.IMPORTANT: "system, first and newest",
    Strategy.SUMMARY: "+ a summary of the rest",
    Strategy.AUTO: "summary if most would go",
}


def group_name(group: Group) -> str:
    """Return what a part of a context is called."""
    if group == UNTOLD or group.part is None:
        return "not in the log"
    if group.part is Part.SYSTEM and group.name:
        return "tool definitions"
    if group.part is Part.TOOL_RESULT:
        return f"{tool_name(group.name)} results" if group.name else "other results"
    return PARTS[group.part]


def tool_name(tool: str) -> str:
    """Return a tool's name; of an MCP server's the server and the tool."""
    server = server_of(tool)
    name = f"{server}·{tool.split('__', 2)[2]}" if server else tool
    return fmt.clean(name)


def block_name(part: Part, tool: str) -> str:
    """Return what one block is called: a tool's result or call by the tool."""
    if part is Part.SYSTEM and tool:
        return f"definition {tool_name(tool)}"
    named = part in (Part.TOOL_CALL, Part.TOOL_RESULT, Part.IMAGE) and tool
    return f"{ONE.get(part, part.value)} {tool_name(tool)}" if named else ONE.get(part, part.value)


def length(ms: int) -> str:
    """Return a length of time in its two largest units."""
    seconds = max(0, ms) // 1000
    if seconds < 60:
        return f"{seconds}s"
    if seconds < 3600:
        return f"{seconds // 60}m{seconds % 60:02}s"
    if seconds < 86_400:
        return f"{seconds // 3600}h{seconds % 3600 // 60:02}m"
    return f"{seconds // 86_400}d{seconds % 86_400 // 3600:02}h"


def cause_words(broken: Break | None) -> str:
    """Return why a request did not find its prompt in the cache, and what that cost."""
    if broken is None:
        return ""
    if broken.cause is Cause.FIRST:
        return broken.cause.value
    idle = f" {length(broken.idle_ms)}" if broken.cause is Cause.IDLE else ""
    cost = "" if not broken.lost_nano else f" {fmt.money(broken.lost_nano)}"
    return f"{broken.cause.value}{idle}{cost}"


def nothing_words(page: SessionPage) -> str:
    """Say why no request of a session is shown."""
    if page.pruned_nano is not None:
        return f"its requests were pruned: {fmt.money(page.pruned_nano)} in all is what is kept"
    return "no request of it up to this moment"


def reading_words(page: SessionPage) -> str:
    """Say why what is in the log is not shown; empty where it is."""
    reading, inside = page.reading, page.inside
    if not page.lines:
        return nothing_words(page)
    if reading is not None and reading.error:
        return reading.error
    if reading is not None and not reading.is_offered:
        return "its log does not tell what requests are made of, or is gone"
    if reading is not None and not reading.is_whole:
        return f"reading the log … {progress(reading)}"
    if inside is None:
        return "reading the log …"
    if not inside.is_told:
        return "the log tells nothing of this agent's conversation"
    return ""


def progress(reading: DetailReading) -> str:
    """Return how far the logs are read."""
    share = reading.done_bytes / reading.total_bytes if reading.total_bytes else 1.0
    return f"{int(share * 100)}% of {fmt.size(reading.total_bytes)}"


def name_of(page: SessionPage) -> str:
    """Return the two ends of the id of what is shown."""
    name = page.chain.agent or page.chain.session
    return fmt.clean(name if len(name) <= 8 else f"{name[:4]}·{name[-3:]}")


def estimate_words(by: Calibration | None) -> str:
    """Say how blocks are estimated, and how far that is off."""
    if by is None:
        return (
            "The estimate is a token for four bytes: nothing of yours has measured it yet, which "
            "`tokwatch calibrate` does, and a screen that is open does daily."
        )
    return (
        f"The estimate is {by.a:.2f} tokens for four bytes and {by.b:.0f} for each call of a tool, "
        f"as {by.pairs:,} measurements of {by.model} in your logs tell: off by {by.error:.0%} on "
        f"average, by less than {by.p90:.0%} in nine of ten."
    )
