"""Every stage, by name; one module each."""

from __future__ import annotations

from typing import Final

from tokwatch.compress.scene import Stage
from tokwatch.compress.stages import (
    aliases,
    base64,
    blanks,
    code,
    duplicates,
    examples,
    extract,
    frames,
    json_text,
    line_numbers,
    lingua,
    log_lines,
    outline,
    phrases,
    repeats,
    results,
    rulers,
    tables,
    telegraphic,
    terminal,
)

ALL: Final[tuple[Stage, ...]] = (
    terminal.STAGE,
    blanks.STAGE,
    repeats.STAGE,
    json_text.STAGE,
    tables.STAGE,
    base64.STAGE,
    duplicates.STAGE,
    blanks.INSIDE,
    rulers.STAGE,
    line_numbers.STAGE,
    log_lines.STAGE,
    aliases.STAGE,
    phrases.PHRASES,
    phrases.WORDING,
    examples.STAGE,
    frames.STAGE,
    duplicates.NEAR,
    extract.EXTRACT,
    extract.COVER,
    telegraphic.ARTICLES,
    telegraphic.COPULAS,
    telegraphic.LIGHT,
    phrases.LABELS,
    code.COMMENTS,
    results.STAGE,
    code.SKELETONS,
    telegraphic.CONNECTIVE,
    outline.STAGE,
    lingua.STAGE,
)
BY_NAME: Final = {stage.name: stage for stage in ALL}
