"""`python -m bench techniques`: each technique on each sort of text, with what it lost."""

from __future__ import annotations

import argparse
import gzip
import json
from pathlib import Path

import pytest

from bench import techniques
from bench.technique_samples import contexts

ROW = {"text": "\x1b[32mok\x1b[0m\n" * 200 + "kept_name", "tool": "Bash", "input": {}}


def write(file: Path, *rows: object) -> None:
    """Write records, gzipped where the name says so."""
    text = "".join(json.dumps(row) + "\n" for row in rows).encode()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(gzip.compress(text) if file.suffix == ".gz" else text)


@pytest.fixture
def samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a few texts of each sort, of which only two techniques are tried."""
    write(tmp_path / "agent_tools.jsonl.gz", *[ROW | {"used_later": ["kept_name"]}] * 2)
    told = {"text": "Please note that you must use 5 MB.", "must_keep": ["5 MB"]}
    write(tmp_path / "templates.jsonl", told, told)
    asked = {
        "context": "The lease ends in May.\n\nThe cat sat on the mat all day long and slept.",
        "question": "When does the lease end?",
        "answers": ["May"],
    }
    for name in techniques.QUESTIONS:
        write(tmp_path / f"{name}.jsonl.gz", asked)
    aims = techniques._aims()
    chosen = {name: aims[name] for name in ("`terminal`", "`phrases`")}
    monkeypatch.setattr(techniques, "_aims", lambda: chosen)
    return tmp_path


def test_each_technique_is_told_for_each_sort_of_text(
    samples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = [
        {"message": {"role": "user" if n % 2 else "assistant", "content": f"{n} word"}}
        for n in range(12)
    ]
    for name in ("a", "b"):
        write(samples / ".claude" / "projects" / "p" / f"{name}.jsonl", *said)

    args = argparse.Namespace(eval=str(samples), home=str(samples), questions=5)
    assert techniques.run(args) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "| technique | results of tools, n=2 | templates, n=2 | contexts, n=2 |"
    (terminal,) = [line.split(" | ") for line in lines if line.startswith("| `terminal`")]
    assert terminal[1].startswith("7")
    assert "lost" not in terminal[1]
    assert terminal[2] == "0"
    (phrases,) = [line.split(" | ") for line in lines if line.startswith("| `phrases`")]
    assert phrases[2] != "0"
    assert "| 50.0% of the tokens | 100% of the answers | 100% of the answers |" in lines


def test_a_context_begins_at_the_last_compaction(tmp_path: Path) -> None:
    said = [{"message": {"role": "user", "content": f"{n}"}} for n in range(20)]
    said[5]["isCompactSummary"] = True  # type: ignore[assignment]  # records are of any shape
    write(tmp_path / ".claude" / "projects" / "p" / "s.jsonl", *said)

    ((text, _),) = [(one.text, one.wanted) for one in contexts(tmp_path)]
    assert [message["content"] for message in json.loads(text)["messages"]] == [
        str(n) for n in range(5, 20)
    ]
