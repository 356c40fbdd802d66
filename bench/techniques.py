"""`python -m bench techniques`: what each stage saves by itself, and what a question keeps.

Prints Markdown, for docs/tuning.md. The folder of --eval holds agent_tools.jsonl.gz (`text`,
`tool`, `input`, `used_later`), templates.jsonl (`text`, `must_keep`), squad20.jsonl.gz and
nq20.jsonl.gz (`context`, `question`, `answers`); the home of --home holds logs of Claude Code.
"""

from __future__ import annotations

import argparse
import re
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from bench.measured import BenchError
from bench.technique_samples import Asked, Sample, asked, contexts, templates, tool_results
from tokwatch.compress.levels import WAYS, Level
from tokwatch.compress.scene import Settings
from tokwatch.compress.shapes import read_prompt
from tokwatch.compress.solver import Aim, solve
from tokwatch.compress.stages import ALL
from tokwatch.paths import user_data_folder
from tokwatch.tokens.counting import count_in
from tokwatch.tokens.encodings import Encoding

LEFT_OUT: Final = ("extract", "cover", "outline", "llmlingua")
"""Stages that need a question, a target or a model's weights."""
SHARES: Final = (0.5, 0.25, 0.125)
"""Of the tokens, that a question may leave."""
QUESTIONS: Final = ("squad20", "nq20")


class Saved(NamedTuple):
    """What a technique did to one text."""

    before: int
    after: int
    wanted: int
    kept: int

    @property
    def share(self) -> float:
        """Return the share of the tokens that went."""
        return 1 - self.after / self.before if self.before else 0.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add where the samples are."""
    parser.add_argument("--eval", metavar="FOLDER", help="results, templates and questions")
    parser.add_argument("--home", metavar="FOLDER", help="a home with logs of Claude Code")
    parser.add_argument("--questions", type=int, default=100, help="of each set at most")


def run(args: argparse.Namespace) -> int:
    """Print both tables."""
    if args.eval is None or args.home is None:
        raise BenchError("--eval FOLDER and --home FOLDER are needed")
    folder = Path(args.eval)
    settings = Settings(count_in(Encoding.O200K, user_data_folder()))
    sets = {
        "results of tools": tool_results(folder),
        "templates": templates(folder),
        "contexts": contexts(Path(args.home)),
    }
    print(_line(["technique", *(f"{name}, n={len(some)}" for name, some in sets.items())]))
    print("|---" * (1 + len(sets)) + "|")
    for name, aim in _aims().items():
        cells = [_told([_tried(one, settings, aim) for one in some]) for some in sets.values()]
        print(_line([name, *cells]), flush=True)
    print()
    _ask({name: asked(folder, name)[: args.questions] for name in QUESTIONS}, settings)
    return 0


def _aims() -> dict[str, Aim]:
    """Return every stage alone, then the levels and ways, each as far as it goes."""
    singles = [stage.name for stage in ALL if stage.name not in LEFT_OUT]
    aims = {f"`{name}`": Aim(0, stages=(name,), all_stages=True) for name in singles}
    levels = {f"level **{level}**": Aim(0, level=level, all_stages=True) for level in Level}
    ways = {
        f"way **{name}**": Aim(0, stages=WAYS[name], all_stages=True)
        for name in ("direct", "progressive-disclosure")  # the third one needs a question
    }
    return aims | levels | ways


def _tried(sample: Sample, settings: Settings, aim: Aim) -> Saved:
    outcome = solve(read_prompt(sample.text), settings, aim)
    kept = sum(word in outcome.text for word in sample.wanted)
    return Saved(outcome.before, outcome.after, len(sample.wanted), kept)


def _told(saved: Sequence[Saved]) -> str:
    """Return median and quartiles, the share of all tokens, and what was lost."""
    shares = [one.share for one in saved]
    if not any(shares):
        return "0"
    low, _, high = statistics.quantiles(shares, n=4, method="inclusive")
    all_of_it = 1 - sum(one.after for one in saved) / sum(one.before for one in saved)
    told = f"{_percent(statistics.median(shares))} ({_percent(low)} to {_percent(high)})"
    lost = sum(one.wanted - one.kept for one in saved)
    told += f"; all {_percent(all_of_it)}"
    return told + (f"; lost {lost} of {sum(one.wanted for one in saved)}" if lost else "")


def _ask(sets: dict[str, list[Asked]], settings: Settings) -> None:
    """Print how many answers are still there when a question chose what stays."""
    print(_line(["what stays", *(f"{name}, n={len(some)}" for name, some in sets.items())]))
    print("|---" * (1 + len(sets)) + "|")
    for share in SHARES:
        cells = []
        for some in sets.values():
            kept = [_answered(one, settings, share) for one in some]
            cells.append(f"{_percent(sum(kept) / len(kept))} of the answers")
        print(_line([f"{share:.1%} of the tokens", *cells]), flush=True)


def _answered(one: Asked, settings: Settings, share: float) -> bool:
    own = Settings(settings.count, one.question)
    outcome = solve(read_prompt(one.text), own, Aim(reduction=1 - share, level=Level.AGGRESSIVE))
    words = _words(outcome.text)
    return any(_words(answer) in words for answer in one.answers)


def _words(text: str) -> str:
    words = re.findall(r"\w+", text.lower())
    return f" {' '.join(words)} "


def _percent(share: float) -> str:
    return f"{share:.0%}" if share == 0 or share >= 0.0995 else f"{share:.1%}"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
