"""What simulated requests hold: which tool an answer calls, on what, and texts as long as told."""

from __future__ import annotations

from random import Random
from typing import Final, NamedTuple

from tokwatch.demo.agent import Agent, Request

LINE: Final = "A simulated line, as long as it has to be. "
BYTES_PER_TOKEN: Final = 4
BLOCKS: Final = (
    ("tool_use",),
    ("text", "tool_use"),
    ("thinking", "tool_use"),
    ("thinking", "text", "tool_use"),
)
LEAST_WAIT_MS: Final = 1_100
"""For the first token of an answer."""
TOKEN_MS: Final = 14
"""For each further one."""
SAID: Final = ("thinking", "text")
"""What an answer consists of that asks for no tool."""
ASKS_AGAIN: Final = 0.08
"""Of an answer that it ends a turn of a session that goes on."""
TOOLS: Final = {
    "Read": 34,
    "Bash": 22,
    "Edit": 16,
    "Grep": 15,
    "WebFetch": 5,
    "mcp__github__search_code": 5,
    "mcp__browser__screenshot": 3,
}
"""How often each is called."""
PICTURES: Final = "mcp__browser__screenshot"
FILES: Final = (
    *("src/main.py", "src/model.py", "src/store.py", "src/views.py", "tests/test_store.py"),
    *("README.md", "pyproject.toml", "src/settings.py", "package-lock.json"),
)
RUNS: Final = ("make test", "git diff", "git log --oneline -20", "ls -R src")


class Step(NamedTuple):
    """What one answer consists of, and the tool that it calls."""

    kinds: tuple[str, ...]
    tool: str = ""
    arguments: dict[str, str] = {}  # noqa: RUF012 -- of a tuple, which nobody changes

    @property
    def calls(self) -> bool:
        """Whether a tool answers it, and no user."""
        return bool(self.tool)


def step_of(agent: Agent, number: int) -> Step:
    """Return what an agent's answer of this number consists of; the same at every call."""
    if number == agent.ends_after:
        return Step(("text",))
    task = next((task for task in agent.tasks if task.number == number), None)
    if task is not None:
        told = {"description": task.title, "subagent_type": task.kind}
        return Step(("text", "tool_use"), "Task", told)
    dice = Random(f"{agent.session}/{agent.id}/{number}")
    if agent.is_main and dice.random() < ASKS_AGAIN:
        return Step(SAID)
    kinds = dice.choice(BLOCKS)
    (tool,) = dice.choices(tuple(TOOLS), tuple(TOOLS.values()))
    return Step(kinds, tool, _arguments(agent, tool, dice))


def text_of(about: str, tokens: int) -> str:
    """Return a text that counts as about so many tokens, and is like no other about something."""
    begin = f"A simulated {about}. "
    size = max(len(begin), tokens * BYTES_PER_TOKEN)
    return (begin + LINE * (size // len(LINE) + 1))[:size]


def said_by(agent: Agent, about: str, tokens: int) -> str:
    """Return what an agent reads or says: of most of the past a placeholder."""
    return text_of(about, tokens if agent.talks else 0)


def heard_ms(request: Request) -> int:
    """Return when what a request sends was there: the longer the answer, the longer before it."""
    wait_ms = LEAST_WAIT_MS + request.output * TOKEN_MS + request.prompt % LEAST_WAIT_MS
    gap_ms = request.at_ms - request.before_ms
    return request.at_ms - min(wait_ms, max(0, gap_ms * 2 // 3))


def _arguments(agent: Agent, tool: str, dice: Random) -> dict[str, str]:
    folder = f"/home/dev/{agent.desk.project}"
    # The first ones are looked at most often.
    file = FILES[min(dice.randrange(len(FILES)), dice.randrange(len(FILES)))]
    match tool:
        case "Read" | "Edit":
            return {"file_path": f"{folder}/{file}"}
        case "Bash":
            return {"command": dice.choice(RUNS)}
        case "Grep":
            return {"pattern": f"def {file[4:8]}", "path": folder}
        case "WebFetch":
            return {"url": f"https://example.com/{dice.randrange(9)}"}
    return {"query": file}
