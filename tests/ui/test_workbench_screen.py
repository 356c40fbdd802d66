"""The workbench on the screen: opened, changed, undone, handed over; what is no text is told."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, Static

from tests.model_server import model_server
from tests.ui.bench_pages import NOW_MS, PAGE, InThread
from tests.ui.conftest import MakeApp, enter_text, feed_of, settle, text_of
from tests.ui.test_pictures import Compare
from tests.workbench.benches import CHAT, WORDY
from tokwatch.compress.levels import Level
from tokwatch.compress.limits import Limits, Strategy
from tokwatch.compress.nouns import Kind
from tokwatch.compress.shapes import read_prompt
from tokwatch.config import Config
from tokwatch.model.detail import Part
from tokwatch.pages.workbench import WorkbenchAsk, WorkbenchPage
from tokwatch.pages.workbench_logged import LoggedAsk, LoggedPage
from tokwatch.prompts.gateway_answer import Billed
from tokwatch.prompts.gateway_model import Cost, Gateway
from tokwatch.prompts.summarising import Planned
from tokwatch.ui.app import TokwatchApp
from tokwatch.ui.screens import workbench_handing
from tokwatch.ui.screens.workbench import WorkbenchScreen
from tokwatch.ui.screens.workbench_form import BenchForm
from tokwatch.ui.to_workbench import to_workbench
from tokwatch.ui.widgets.workbench_edit import BenchEdit
from tokwatch.ui.widgets.workbench_stages import BenchStages
from tokwatch.workbench.asking import Wanted
from tokwatch.workbench.library import run_of
from tokwatch.workbench.state import Bench, Cached, Origin, Target

SIZE = (120, 36)
pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def in_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test start a process."""
    monkeypatch.setattr(WorkbenchScreen, "make_works", InThread)


async def open_bench(
    pilot: Pilot[int], text: str = "", page: WorkbenchPage = PAGE, origin: Origin | None = None
) -> WorkbenchScreen:
    """Go to the screen, with a prompt."""
    app = pilot.app
    assert isinstance(app, TokwatchApp)
    feed_of(app).pages[WorkbenchAsk] = page
    await settle(pilot)
    await pilot.press("8")
    await settle(pilot)
    screen = app.screen
    assert isinstance(screen, WorkbenchScreen)
    if text:
        screen.open_text(text, origin or Origin("prompt.md"))
        await settle(pilot)
    return screen


async def test_it_says_how_to_begin(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await open_bench(pilot)
        text = text_of(app)
    assert "There is no prompt here yet." in text
    assert "Nothing leaves this machine" in text


async def test_a_pasted_prompt_is_compressed_with_its_price(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_bench(pilot)
        screen.post_message(events.Paste(WORDY))
        await settle(pilot)
        sums = screen.shown.sums
        text = text_of(app)
    assert sums is not None
    assert sums.after < sums.before
    assert f"before {sums.before:,}" in text
    assert f"after {sums.after:,}" in text
    assert "×214 calls/day" in text
    assert "retention" in text
    assert "[x] phrases" in text
    assert screen.bench.model == "claude-opus-4-5"


async def test_changes_are_walked_rejected_and_taken_back(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_bench(pilot, WORDY)
        sums = screen.shown.sums
        await pilot.press("n", "x")
        await settle(pilot)
        assert len(screen.bench.rejected) >= 1
        assert "rejected: x accepts it" in text_of(app)
        assert screen.shown.sums is not None
        assert sums is not None
        assert screen.shown.sums.after > sums.after
        await pilot.press("u")
        await settle(pilot)
        assert screen.bench.rejected == frozenset()
        assert screen.shown.sums.after == sums.after
        await pilot.press("U", "A")
        await settle(pilot)
        assert screen.bench.rejected == frozenset()


async def test_stages_are_switched_moved_and_rejected_as_a_whole(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_bench(pilot, WORDY)
        screen.query_one("#bench-stages").focus()
        names = [one.name for one in screen.bench.stages]
        await pilot.press("J")
        assert [one.name for one in screen.bench.stages][:2] == [names[1], names[0]]
        await pilot.press("space")
        assert not screen.bench.stages[1].is_on
        assert screen.bench.stages[1].name == names[0]
        await pilot.press("u", "u")
        assert screen.bench.chosen == ()
        for _ in range(names.index("phrases")):
            await pilot.press("j")
        await pilot.press("x")
        await settle(pilot)
        assert screen.shown.sums is not None
        phrases = next(one for one in screen.shown.sums.stages if one.name == "phrases")
        assert phrases.rejected == phrases.edits > 0
        await pilot.press("l")
        assert screen.bench.level is Level.AGGRESSIVE


async def test_target_question_and_kept_words_are_typed(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_bench(pilot, WORDY)
        await pilot.press("b")
        form = app.screen
        assert isinstance(form, BenchForm)
        form.query_one("#bench-target", Input).value = "soon"
        await pilot.press("ctrl+s")
        assert "No target: soon" in str(form.query_one("#bench-problem", Static).render())
        form.query_one("#bench-target", Input).value = "window"
        form.query_one("#bench-question", Input).value = "Who approves?"
        form.query_one("#bench-keep", Input).value = r"\d+"
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert app.screen is screen
    assert screen.bench.target == Target(150_000, None, "window")
    assert screen.bench.question == "Who approves?"
    assert screen.bench.keep == (r"\d+",)


async def test_the_words_of_a_change_are_kept_for_good(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_bench(pilot, WORDY)
        change = screen.shown.change
        assert change is not None
        while not change.old.strip():
            await pilot.press("n")
            change = screen.shown.change
            assert change is not None
        await pilot.press("M")
        await settle(pilot)
        assert screen.shown.sums is not None
        assert screen.bench.keep
        assert change.old.strip() in screen.shown.sums.text


async def test_a_file_is_opened_and_the_result_saved(make_app: MakeApp, tmp_path: Path) -> None:
    source, target = tmp_path / "prompt.md", tmp_path / "prompt.short.md"
    source.write_text(WORDY)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_bench(pilot)
        await pilot.press("o")
        app.screen.query_one(Input).value = str(tmp_path / "none.md")
        await pilot.press("enter")
        problem = app.screen.query_one("#bench-problem", Static)
        assert "does not exist" in str(problem.render())
        app.screen.query_one(Input).value = str(source)
        await pilot.press("enter")
        await settle(pilot)
        assert screen.shown.sums is not None
        await pilot.press("ctrl+s")
        assert app.screen.query_one(Input).value == str(target)
        await pilot.press("enter")
        await settle(pilot)
        assert target.read_text() == screen.shown.sums.text
        await pilot.press("ctrl+s", "enter")
        assert "exists" in str(app.screen.query_one("#bench-problem", Static).render())
        await pilot.press("escape", "y")
        await settle(pilot)
    assert app.clipboard == screen.shown.sums.text


async def test_binary_content_is_told(make_app: MakeApp, tmp_path: Path) -> None:
    file = tmp_path / "photo.jpg"
    file.write_bytes(bytes(range(256)) * 40)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_bench(pilot, "\x00 half a photo")
        assert "binary" in text_of(app)
        await pilot.press("o")
        app.screen.query_one(Input).value = str(file)
        await pilot.press("enter")
        await settle(pilot)
        assert "is no text" in str(app.screen.query_one("#bench-problem", Static).render())
        await pilot.press("escape")
        screen.open_text(WORDY, Origin("text"))
        await settle(pilot)
        assert screen.shown.problem == ""
        assert screen.shown.sums is not None


async def test_a_prompt_is_written_here(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_bench(pilot)
        await pilot.press("e")
        await enter_text(pilot, "Please be kind")
        await pilot.press("escape")
        await settle(pilot)
        assert screen.bench.text == "Please be kind"
        assert not screen.has_class("-editing")
        assert screen.focused is not screen.query_one(BenchEdit)


async def test_one_message_of_a_chat_is_edited(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_bench(pilot, CHAT)
        await pilot.press("e")
        await settle(pilot)
        area = screen.query_one(BenchEdit)
        area.load_text("Look at it.")
        await pilot.press("escape")
        await settle(pilot)
        assert '"Look at it."' in screen.bench.text
        assert screen.bench.text.count('"role"') == 3


async def test_a_cut_into_a_warm_prefix_is_warned_of(make_app: MakeApp) -> None:
    cached = Cached(NOW_MS - 60_000, after=40_000)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_bench(pilot, WORDY, origin=Origin("context", cached=cached))
        assert "! warm prefix" in text_of(app)
        assert "pays after" in text_of(app)
        old = replace(cached, last_ms=NOW_MS - 600_000)
        screen.to(replace(screen.bench, origin=Origin("context", cached=old)))
        await settle(pilot)
        assert "the prefix is cold" in text_of(app)


async def test_a_logged_context_comes_from_its_log(make_app: MakeApp, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text('{"type":"user","message":{"role":"user","content":"Please be so kind"}}\n')
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        asked = LoggedAsk("claude-code", "s1")
        result = Part.TOOL_RESULT
        found = LoggedPage(
            "claude-code", str(log), (0,), part=result, model="gpt-5", project="/home/dev/shop"
        )
        feed_of(app).pages |= {WorkbenchAsk: PAGE, LoggedAsk: found}
        await settle(pilot)
        await to_workbench(app, asked, "context of s1")
        await settle(pilot)
        screen = app.screen
        assert isinstance(screen, WorkbenchScreen)
        assert "Please be so kind" in screen.bench.text
        assert screen.bench.model == "gpt-5"
        assert screen.bench.origin.kind is Kind.RESULT
        assert feed_of(app).asked[-1] == WorkbenchAsk("gpt-5", "/home/dev/shop")
        await pilot.press("escape")
        await settle(pilot)
        assert app.current_mode == "overview"


async def test_what_is_gone_is_listed(make_app: MakeApp) -> None:
    text = CHAT.replace("INFO worker took", "INFO worker Alpha took")
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_bench(pilot, text)
        screen.query_one("#bench-risk").focus()
        await pilot.press("enter")
        await settle(pilot)
        assert "what is gone" in text_of(app)
        assert "numbers" in text_of(app)
        await pilot.press("escape")
        assert app.screen is screen


async def test_limits_ways_and_what_can_be_tuned(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_bench(pilot, CHAT)
        await pilot.press("L", "down", "down", "ctrl+s")
        await settle(pilot)
        limits = screen.bench.limits
        assert limits == Limits(50, 50_000, 2_000, Strategy.SLIDING)
        await pilot.press("L")
        app.screen.query_one("#bench-messages", Input).value = "1"
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert screen.shown.sums is not None
        assert screen.shown.sums.stages[0].name == "sliding-window"
        assert "[x] sliding-window" in text_of(app)
        stages = screen.query_one(BenchStages)
        stages.focus()
        await pilot.press("space")
        assert screen.bench.limits is None
        await pilot.press("W")
        assert screen.bench.way == "direct"
        await pilot.press("l")
        assert stages.select("examples")
        await pilot.press("d")
        app.screen.query_one("#bench-examples", Input).value = "many"
        await pilot.press("ctrl+s")
        assert "no whole number" in str(app.screen.query_one("#bench-problem", Static).render())
        app.screen.query_one("#bench-examples", Input).value = "1"
        await pilot.press("ctrl+s")
        assert screen.bench.examples == 1
        assert stages.select("llmlingua")
        await pilot.press("space")
        await settle(pilot)
        assert "[-] llmlingua" in text_of(app)
        assert not any(one.is_on for one in screen.bench.stages if one.name == "llmlingua")
        assert any("no [workbench] lingua" in one.message for one in app._notifications)


async def test_a_template_opens_in_the_wording_that_fits(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_bench(pilot, WORDY)
        assert screen.shown.sums is not None
        short = screen.shown.sums.text
        await pilot.press("S")
        app.screen.query_one("#bench-name", Input).value = "refunds"
        app.screen.query_one("#bench-tags", Input).value = "shop"
        app.screen.query_one("#bench-terse", Input).value = "500"
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert any("refunds, version 1" in one.message for one in app._notifications)
        screen.open_text("".join(f"{n:x}{n * n}\n\n" for n in range(900)), Origin("context"))
        await settle(pilot)
        await pilot.press("T")
        await settle(pilot)
        assert "terse (fits)" in text_of(app)
        await pilot.press("enter")
        await settle(pilot)
        assert screen.bench.text == short
        await pilot.press("T")
        await settle(pilot)
        assert "terse (fits)" in text_of(app)  # by the context that stood there, not by itself
        await pilot.press("space", "enter")
        await settle(pilot)
        assert screen.bench.text == WORDY
        assert (screen.bench.origin.tags, screen.bench.origin.version) == (("shop",), 1)


async def test_a_model_is_asked_only_after_it_was_told(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    with model_server() as server:
        gateway = Gateway(server.url, "claude-haiku-4-5")
        cost = Cost(Billed(input=900, output=60), 1_200_000, is_estimate=True)

        def wanted(
            bench: Bench, config: Config, known: object, part: object, percent: int, now_ms: int
        ) -> Wanted:
            planned, prompt = Planned(gateway, 1234, 60, cost), read_prompt(bench.text)
            return Wanted(planned, prompt, bench, now_ms, (), 0, percent, 40_000, 20_000)

        monkeypatch.setattr(workbench_handing, "wanted_rewriting", wanted)
        app = make_app()
        async with app.run_test(size=SIZE) as pilot:
            origin = Origin("context", cached=Cached(NOW_MS, 0))
            screen = await open_bench(pilot, WORDY, origin=origin)
            await pilot.press("R")
            await settle(pilot)
            assert "! The prefix is warm: saves" in text_of(app)
            assert f"1,234 characters to {server.url}" in text_of(app)
            assert "Nothing is sent until you press enter" in text_of(app)
            await pilot.press("minus")
            await settle(pilot)
            assert "in about 60 %" in text_of(app)
            assert server.got == []
            server.free.clear()
            server.anthropic("Answer politely; never above 150 USD without Ms Stone.")
            await pilot.press("enter")
            await asyncio.to_thread(server.begun.wait, 20)
            await pilot.press("escape")
            await settle(pilot)
            assert "Broken off: nothing has changed" in text_of(app)
            assert screen.bench.rewritings == ()
            server.free.set()
            await pilot.press("escape", "R")
            await settle(pilot)
            await pilot.press("enter")
            await settle(pilot)
            assert "It took 100 tokens in, 20 out" in text_of(app)
            await pilot.press("escape")
            await settle(pilot)
            assert "[x] rewriting" in text_of(app)
            assert "a model was paid" in text_of(app)
            run = run_of(screen.shown, NOW_MS)
            assert run is not None
            assert run.summary_nano == 200_000  # of 100 tokens in and 20 out
            await pilot.press("u")
            await settle(pilot)
            assert screen.bench.rewritings == ()


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 30)])
def test_pictures(snap_compare: Compare, make_app: MakeApp, size: tuple[int, int]) -> None:
    async def show(pilot: Pilot[int]) -> None:
        await open_bench(pilot, WORDY + CHAT)
        await pilot.press("n")
        await settle(pilot)

    assert snap_compare(make_app(), terminal_size=size, run_before=show)
