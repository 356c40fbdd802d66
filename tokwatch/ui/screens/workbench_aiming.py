"""What the workbench is to reach: target, question, what must stay, which messages of a chat."""

from __future__ import annotations

from typing import ClassVar

from msgspec.structs import replace
from textual.binding import Binding, BindingType

from tokwatch.compress.limits import Strategy
from tokwatch.ui.screens.workbench_opening import BenchOpening
from tokwatch.workbench.leaving import limits_of
from tokwatch.workbench.state import target_of
from tokwatch.workbench.tuning import patterns_of


class BenchAiming(BenchOpening):
    """Sets what is to come of the prompt."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "target", "Target", id="bench.target",
                tooltip="Target, question, what must stay, blind cover, model"),
        Binding("a", "question", "Question", show=False, id="bench.question",
                tooltip="Say what the prompt is to answer"),
        Binding("L", "limits", "Limits", show=False, id="bench.limits",
                tooltip="Which messages of a chat stay: strategy, messages, tokens, reserve"),
    ]  # fmt: skip

    def action_limits(self) -> None:
        """Ask which messages of a chat stay."""
        from tokwatch.ui.screens.workbench_form import Asked, BenchForm

        limits, context = self.bench.limits, self.tokwatch.config.context
        strategy = "" if limits is None else str(limits.strategy)
        messages = context.max_messages if limits is None else limits.messages
        tokens = context.max_tokens if limits is None else limits.tokens
        reserve = context.reserve_tokens if limits is None else limits.reserve
        fields = [
            Asked("strategy", "strategy; empty: all messages stay", strategy,
                  ", ".join(Strategy), options=("", *map(str, Strategy))),
            Asked("messages", "messages at most; empty: as many as there are", _typed(messages)),
            Asked("tokens", "tokens at most; empty: as many as there are", _typed(tokens)),
            Asked("reserve", "tokens of those kept free for the answer", _typed(reserve)),
        ]  # fmt: skip
        self.app.push_screen(BenchForm("which messages of a chat stay", fields, self._limit))

    def _limit(self, given: dict[str, str]) -> None:
        self.to(self.bench.limited(limits_of(given)))

    def action_question(self) -> None:
        """Ask for the question."""
        self._ask_for("question")

    def action_target(self) -> None:
        """Ask for target, question and what must stay."""
        self._ask_for("target")

    def _ask_for(self, first: str) -> None:
        from tokwatch.ui.screens.workbench_form import Asked, BenchForm

        bench, rooms = self.bench, tuple(name for name, _ in self.shown.page.rooms)
        names = ", ".join(("30%", "2000", "2k", "all", *rooms))
        fields = [
            Asked("target", f"target: {names}", str(bench.target), names,
                  options=("30%", "50%", "all", *rooms)),
            Asked("question", "question: what the prompt is to answer", bench.question,
                  "with one, only what answers it need stay"),
            Asked("keep", "must stay: patterns, a blank between them", " ".join(bench.keep),
                  r"ERR-\d+ deadline"),
            Asked("blind", "without a question: keep sentences with rare facts only",
                  "yes" if bench.is_blind else "no", options=("no", "yes")),
            Asked("model", "model; empty counts o200k", bench.model, "claude-opus-4-5",
                  options=tuple(one.model for one in self.shown.page.models)),
        ]  # fmt: skip
        self.app.push_screen(BenchForm("target", fields, self._aim, first))

    def _aim(self, given: dict[str, str]) -> None:
        typed = given["target"].strip()
        same = typed == str(self.bench.target)
        target = self.bench.target if same else target_of(typed, dict(self.shown.page.rooms))
        before = " ".join(self.bench.keep)
        keep = self.bench.keep if given["keep"] == before else patterns_of(given["keep"])
        question = given["question"].strip()
        is_blind = given["blind"].strip().lower() in ("yes", "y")
        is_other = (bool(question), is_blind) != (bool(self.bench.question), self.bench.is_blind)
        self.to(replace(
            self.bench, target=target, question=question, keep=keep, is_blind=is_blind,
            model=given["model"].strip(), chosen=() if is_other else self.bench.chosen,
        ))  # fmt: skip


def _typed(number: int | None) -> str:
    return "" if number is None else str(number)
