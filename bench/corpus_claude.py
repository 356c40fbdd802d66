"""Made sessions of Claude Code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bench.corpus_text import Log, Writing

PROJECTS: Final = ("-home-ana-shop", "-home-ana-site", "-home-li-infra", "-home-li-docs")
MODELS: Final = ("claude-opus-4-8", "claude-opus-4-6", "claude-sonnet-4-6", "claude-sonnet-5")
SMALL_MODEL: Final = "claude-haiku-4-5-20251001"


class _Transcript:
    """One transcript that is being made up."""

    def __init__(self, writing: Writing, session: str, model: str, agent: str = "") -> None:
        self.writing, self.session, self.model, self.agent = writing, session, model, agent
        self.lines: list[str] = []
        self.context = 0

    def put(self, fields: str, *, side: bool = False) -> None:
        """Add a line: its own fields stand between those that every line has."""
        writing = self.writing
        agent = f',"agentId":"{self.agent}"' if self.agent else ""
        is_side = "true" if side or self.agent else "false"
        self.lines.append(
            f'{{"parentUuid":"{writing.uuid()}","isSidechain":{is_side},{fields},'
            f'"uuid":"{writing.uuid()}","timestamp":"{writing.tick(4)}","userType":"external",'
            f'"entrypoint":"cli","cwd":"/home/ana/shop","sessionId":"{self.session}",'
            f'"version":"2.1.220","gitBranch":"main"{agent}}}\n'
        )

    def prompt(self) -> None:
        """Add what a user asks."""
        text = self.writing.text(self.writing.about(300))
        self.put(
            f'"promptId":"{self.writing.uuid()}","type":"user",'
            f'"message":{{"role":"user","content":"{text}"}}'
        )

    def result(self, tool: str) -> None:
        """Add what a tool returned."""
        text = self.writing.text(self.writing.about(1_800, wide=1.6))
        content = f'[{{"tool_use_id":"{tool}","type":"tool_result","content":"{text}"}}]'
        self.put(
            f'"promptId":"{self.writing.uuid()}","type":"user",'
            f'"message":{{"role":"user","content":{content}}}'
        )

    def attach(self) -> None:
        """Add an attachment, whose type stands behind its content."""
        text = self.writing.text(self.writing.about(700, wide=1.4))
        self.put(f'"attachment":{{"type":"file","content":"{text}"}},"type":"attachment"')

    def answer(self, blocks: int, *, is_long: bool = True) -> None:
        """Add a response: a line for each block, the usage complete on the last one."""
        writing, chance = self.writing, self.writing.chance
        fresh, written = chance.randrange(1, 900), writing.about(700, most=60_000)
        read, output = self.context, writing.about(260, most=30_000)
        self.context = min(self.context + written + output, 190_000)
        writing.spent.add(input=fresh, cache_read=read, cache_write_1h=written, output=output)
        message, request = writing.name("msg_01"), writing.name("req_011C")
        for block in range(blocks):
            is_last = block == blocks - 1
            tool = writing.name("toolu_01")
            text = writing.text(writing.about(700 if is_long else 240))
            self.put(
                f'"message":{{"model":"{self.model}","id":"{message}","type":"message",'
                f'"role":"assistant","content":[{_block(block, tool, text)}],'
                f'"stop_reason":{_stop(blocks) if is_last else "null"},"stop_sequence":null,'
                f'"usage":{{"input_tokens":{fresh},"cache_creation_input_tokens":{written},'
                f'"cache_read_input_tokens":{read},"cache_creation":{{'
                f'"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":{written}}},'
                f'"output_tokens":{output if is_last else chance.randrange(1, 9)},'
                f'"service_tier":"standard"}}}},"requestId":"{request}","type":"assistant"'
            )
            if block > 0 and blocks > 1:
                self.result(tool)


def _block(number: int, tool: str, text: str) -> str:
    """Return a block of content: text first, then calls of tools."""
    if number == 0:
        return f'{{"type":"text","text":"{text}"}}'
    return f'{{"type":"tool_use","id":"{tool}","name":"Bash","input":{{"command":"{text}"}}}}'


def _stop(blocks: int) -> str:
    return '"tool_use"' if blocks > 1 else '"end_turn"'


def mixed_session(writing: Writing) -> Iterator[Log]:
    """Yield the logs of one session as real ones are: prompts, tools, results, sub-agents."""
    chance, session = writing.chance, writing.uuid()
    folder = f".claude/projects/{chance.choice(PROJECTS)}"
    main = _Transcript(writing, session, chance.choice(MODELS))
    for turn in range(writing.about(6, most=60)):
        main.prompt()
        for _ in range(writing.about(5, most=40)):
            main.answer(chance.choice((1, 1, 2, 2, 3, 4)))
            if chance.random() < 0.35:
                main.attach()
        if chance.random() < 0.12:
            agent = _Transcript(writing, session, SMALL_MODEL, writing.name("a", 16))
            agent.prompt()
            for _ in range(writing.about(8, most=60)):
                agent.answer(chance.choice((1, 2, 2)))
            yield Log(f"{folder}/{session}/subagents/agent-{agent.agent}.jsonl", agent.lines)
        main.lines.append(
            f'{{"type":"ai-title","aiTitle":"Turn {turn}","sessionId":"{session}"}}\n'
        )
    yield Log(f"{folder}/{session}.jsonl", main.lines)


def dense_session(writing: Writing) -> Iterator[Log]:
    """Yield a session in which every line is a response of its own."""
    session = writing.uuid()
    main = _Transcript(writing, session, writing.chance.choice(MODELS))
    for _ in range(writing.about(2_000, most=20_000)):
        main.answer(1, is_long=False)
    yield Log(f".claude/projects/{writing.chance.choice(PROJECTS)}/{session}.jsonl", main.lines)


def long_session(writing: Writing, size: int) -> Log:
    """Return one session of about so many characters: turns of answers, tools and results."""
    chance, session = writing.chance, writing.uuid()
    main, length, counted = _Transcript(writing, session, MODELS[0]), 0, 0
    while length < size:
        main.prompt()
        for _ in range(writing.about(8, most=40)):
            main.answer(chance.choice((1, 2, 2, 3, 4)))
            if main.context > 180_000:
                main.context = 20_000
        length += sum(map(len, main.lines[counted:]))
        counted = len(main.lines)
    return Log(f".claude/projects/{PROJECTS[0]}/{session}.jsonl", main.lines)
