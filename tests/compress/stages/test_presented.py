"""Presentation, logs, traces: what folds, and what stays to derive the rest from."""

from __future__ import annotations

import pytest

from tests.compress.counted import after, count, worked
from tokwatch.compress.apply import Work
from tokwatch.compress.nouns import Kind, Message, Part, Prompt, Shape
from tokwatch.compress.scene import Settings
from tokwatch.compress.stages import BY_NAME, duplicates


def test_rulers_and_padded_tables_shrink() -> None:
    text = "Title\n==========\n| name   | n   |\n|--------|-----|\n| a      | 1   |\n"

    assert after("rulers", text) == "Title\n===\n| name| n|\n|-|-|\n| a| 1|\n"


def test_every_tenth_line_number_stays() -> None:
    text = "\n".join(f"{n:6}\tline" for n in range(7, 23))
    out = after("line-numbers", text, Kind.RESULT).split("\n")

    assert out[:2] == ["7\tline", "line"]
    assert [line for line in out if line[0].isdigit()] == ["7\tline", "10\tline", "20\tline"]


def test_lines_that_are_empty_but_for_their_number_are_counted_too() -> None:
    text = "\n".join(f"{n:6}\t{'' if n % 3 else '    line'}" for n in range(3, 14))
    out = after("line-numbers", after("spacing", after("blanks", text)), Kind.RESULT)

    assert out == "3\t    line\n\n\n    line\n\n\n    line\n10\n\n    line\n"


def test_log_lines_that_differ_in_figures_fold() -> None:
    log = [f"2026-01-02 10:00:{n:02} INFO worker {n} finished the job" for n in range(9)]
    log[4] = "2026-01-02 10:00:04 ERROR disk is full"
    out = after("log-lines", "\n".join(log), Kind.RESULT)

    assert out == f"{log[0]} [+7 like it]\n{log[4]}"


def test_file_lists_are_no_logs() -> None:
    text = "\n".join(f"src/module{n}/file_{name}.py" for n, name in enumerate("abcdefgh"))

    assert after("log-lines", text, Kind.RESULT) == text


def test_library_frames_are_counted() -> None:
    frames = "".join(
        f'  File "/venv/lib/python3.11/site-packages/lib/m{n}.py", line {n}, in f\n    call({n})\n'
        for n in range(3)
    )
    text = f'Traceback:\n  File "app.py", line 3, in main\n    run()\n{frames}ValueError: bad'
    out = after("frames", text, Kind.RESULT)

    assert out.split("\n")[1:4] == [
        '  File "app.py", line 3, in main',
        "    run()",
        "  [3 library frames]",
    ]
    assert out.endswith("ValueError: bad")


def test_a_long_folder_gets_a_name_that_is_declared() -> None:
    text = "\n".join(f"/home/someone/projects/thing/src/part{n}.py" for n in range(8))
    out = after("aliases", text, Kind.RESULT)
    legend, _, rest = out.partition("\n")
    name, folder = legend.split("=")

    assert rest.replace(f"{name}/", folder) == text


def test_base64_is_told_by_its_size() -> None:
    run = "aB3dE5gH" * 60
    out = after("base64", f"![x](data:image/png;base64,{run}==) end")

    assert out == "![x]([image/png, base64, 360 bytes]) end"


def test_paragraphs_that_hardly_differ_are_pointers() -> None:
    one = (
        "The service keeps its settings in one file, and every change of it is read at once, "
        "without a restart, by all of the workers that are running, and is told in the log."
    )
    other = one.replace("is told", "gets told")
    figures = one.replace("one file", "12 files")
    pointer = '[much as before: "The service keeps its settings in one fi"]'

    assert after("near-duplicates", f"{one}\n\n{other}") == f"{one}\n\n{pointer}"
    assert after("near-duplicates", f"{one}\n\n{figures}") == f"{one}\n\n{figures}"


def test_old_results_are_cleared() -> None:
    texts = [f"result {n} " * 20 for n in range(5)]
    out = worked("clear-results", *texts, kind=Kind.RESULT, keep_results=3).texts()

    assert out[2:] == texts[2:]
    assert all("cleared" in text for text in out[:2])


_BODY = (
    '    """Return what the worker of this shard has written."""\n    found = []\n'
    "    for one in read_all(name):\n        found.append(one)\n    return found\n"
)
SOURCE = (
    "import os\nimport sys\nimport json\n\n"
    + "".join(f"def read_{n}(name):\n{_BODY}\n" for n in range(3))
    + "TABLE = {\n"
    + "".join(f"    'HAVE_FEATURE_{n}': {n},\n" for n in range(9))
    + "}\n"
    + "".join(f"open('/srv/application/data/files/{n}.json')\n" for n in range(9))
)


@pytest.mark.parametrize("text", [SOURCE, f"Look:\n\n```python\n{SOURCE}```\n"])
@pytest.mark.parametrize("stage", ["duplicates", "log-lines", "aliases", "repeats"])
def test_no_word_of_ours_stands_in_source_code(stage: str, text: str) -> None:
    assert after(stage, text, Kind.RESULT) == text


def test_what_a_program_prints_is_no_source_code() -> None:
    log = [f"2026-01-02 10:00:{n:02} INFO worker {n} finished the job" for n in range(9)]
    part = Part("\n".join(log), Kind.RESULT, 0, (0,), 'Bash {"command": "python run.py"}')
    prompt = Prompt(part.text, Shape.PLAIN, (part,), (Message("user", (0,)),))
    work = Work(prompt, Settings(count))
    work.run(BY_NAME["log-lines"], 0)

    assert work.texts() == [f"{log[0]} [+8 like it]"]


def test_code_that_was_read_before_is_a_pointer_to_it() -> None:
    first, second = worked("duplicates", SOURCE, SOURCE, kind=Kind.RESULT).texts()

    assert first == SOURCE
    assert second.startswith("[as before: ")


def test_near_duplicates_are_found_by_what_is_the_same_in_every_process() -> None:
    assert duplicates._keys("One two three four") == {2015744983, 1044035734}
