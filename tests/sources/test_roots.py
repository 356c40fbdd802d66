"""Where the tools keep their logs: platforms, overrides, relatives."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.sources.claude_lines import answer
from tests.sources.road import Road, write
from tokwatch.sources import source_named
from tokwatch.sources.source import Source, Surroundings

DESKTOP = "local-agent-mode-sessions"


def sourced(name: str) -> Source:
    """Return a source by its name."""
    found = source_named(name)
    assert found is not None
    return found


def folders(
    source: str,
    home: Path,
    platform: str = "linux",
    **variables: str,
) -> list[str]:
    """Return a source's folders, those below the home as seen from it."""
    roots = sourced(source).roots(Surroundings(home, variables, platform))
    return [str(root.path).replace(f"{home}{os.sep}", "~/") for root in roots]


def test_claude_code_on_linux(home: Path) -> None:
    """2.1: two usual folders, a fork of the tool, and the desktop application."""
    assert folders("claude-code", home) == [
        "~/.claude/projects",
        "~/.config/claude/projects",
        "~/.openclaude/projects",
        f"~/.config/Claude/{DESKTOP}",
    ]


def test_claude_code_on_a_mac(home: Path) -> None:
    """2.1: desktop application and Xcode."""
    assert folders("claude-code", home, "darwin")[3:] == [
        f"~/Library/Application Support/Claude/{DESKTOP}",
        "~/Library/Developer/Xcode/CodingAssistant/ClaudeAgentConfig/projects",
    ]


def test_claude_code_on_windows(home: Path) -> None:
    """2.1 and 4.6: installed and packaged desktop applications."""
    (home / "Local" / "Packages" / "Claude_pzs8sxrjxfjjc").mkdir(parents=True)
    (home / "Local" / "Packages" / "Other_1").mkdir()

    found = folders(
        "claude-code",
        home,
        "win32",
        APPDATA=str(home / "Roaming"),
        LOCALAPPDATA=str(home / "Local"),
    )

    assert found[0] == "~/.claude/projects"
    assert found[3:] == [
        f"~/Roaming/Claude/{DESKTOP}",
        f"~/Local/Packages/Claude_pzs8sxrjxfjjc/LocalCache/Roaming/Claude/{DESKTOP}",
    ]


def test_claude_code_on_windows_without_its_variables(home: Path) -> None:
    """4.6: a service may run without them."""
    assert len(folders("claude-code", home, "win32")) == 3


def test_xdg_moves_one_of_the_usual_folders(home: Path) -> None:
    """2.1: the other one stays."""
    found = folders("claude-code", home, XDG_CONFIG_HOME=str(home / "xdg"))

    assert found[:2] == ["~/.claude/projects", "~/xdg/claude/projects"]


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("CLAUDE_CONFIG_DIR", "{}/a", ["~/a/projects"]),
        ("CLAUDE_CONFIG_DIR", "{}/a, {}/b/projects ,,", ["~/a/projects", "~/b/projects"]),
        ("CLAUDE_CONFIG_DIR", "~/a", ["~/a/projects"]),
        ("CLAUDE_CONFIG_DIRS", "{}/a" + os.pathsep + "{}/b", ["~/a/projects", "~/b/projects"]),
    ],
)
def test_overrides_replace_the_usual_folders(
    home: Path, variable: str, value: str, expected: list[str]
) -> None:
    """2.1: each entry is the config folder or its `projects`."""
    found = folders("claude-code", home, **{variable: value.replace("{}", str(home))})

    assert found == [*expected, f"~/.config/Claude/{DESKTOP}"]


@pytest.mark.parametrize("value", ["", " ", ",", " , "])
def test_an_empty_override_is_none(home: Path, value: str) -> None:
    """2.1: a variable that is set to nothing."""
    assert folders("claude-code", home, CLAUDE_CONFIG_DIR=value)[0] == "~/.claude/projects"
    assert folders("codex", home, CODEX_HOME=value)[0] == "~/.codex/sessions"


def test_further_accounts_have_homes_of_their_own(home: Path) -> None:
    """2.1: `~/.claude-*` with both folders is one; a backup or a setting is not."""
    for path in (".claude-work/projects", ".claude-work/sessions", ".claude-old/projects"):
        (home / path).mkdir(parents=True)
    write(home / ".claude-settings")

    found = folders("claude-code", home)

    assert [path for path in found if ".claude-" in path] == ["~/.claude-work/projects"]


def test_a_home_that_may_not_be_listed_has_no_further_accounts(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """4.6: scanning a home may be refused."""

    def refuse(path: Path, pattern: str) -> None:
        raise PermissionError(13, f"Permission denied: {path}{pattern}")

    monkeypatch.setattr(Path, "glob", refuse)

    assert len(folders("claude-code", home)) == 4
    assert len(folders("claude-code", home, "win32", LOCALAPPDATA=str(home))) == 3


def test_codex_has_live_and_archived_sessions(home: Path) -> None:
    """2.2: and a relative with the same format."""
    assert folders("codex", home) == [
        "~/.codex/sessions",
        "~/.codex/archived_sessions",
        "~/.trae/cli/sessions",
        "~/.trae/cli/archived_sessions",
    ]


def test_codex_home_is_a_list_too(home: Path) -> None:
    """2.2: as others read it."""
    found = folders("codex", home, CODEX_HOME=f"{home}/a,~/b")

    assert found[:4] == [
        "~/a/sessions",
        "~/a/archived_sessions",
        "~/b/sessions",
        "~/b/archived_sessions",
    ]


def test_windows_homes_are_polled(home: Path) -> None:
    """4.6: under WSL the logs lie in another file system, which sends no notices."""
    windows = home / "mnt" / "c" / "Users" / "ana"
    where = Surroundings(home, {}, "linux", (windows,))
    polled = {
        str(root.path.relative_to(windows))
        for name in ("claude-code", "codex")
        for root in sourced(name).roots(where)
        if root.polled
    }

    assert polled == {
        os.path.join(".claude", "projects"),
        os.path.join(".codex", "sessions"),
        os.path.join(".codex", "archived_sessions"),
    }


def test_a_leading_tilde_is_this_home(home: Path) -> None:
    """Settings name folders as people write them."""
    where = Surroundings(home, {}, "linux")

    assert where.expand("~") == home
    assert where.expand("~/x") == where.expand("~\\x") == home / "x"
    assert where.expand("/x/~") == Path("/x/~")


@pytest.mark.parametrize(
    ("path", "is_wanted"),
    [
        (f"/h/{DESKTOP}/a/b/.claude/projects/-p/s.jsonl", True),
        (f"/h/{DESKTOP}/a/b/audit.jsonl", False),
        ("/h/.claude/projects/-p/s.jsonl", True),
        ("/extra/s.jsonl", True),
        ("/h/.claude/projects/-p/s.json", False),
    ],
)
def test_only_transcripts_of_the_desktop_count(path: str, *, is_wanted: bool) -> None:
    """4.1: its own logs beside them repeat the same messages without a time."""
    assert sourced("claude-code").wants(path) is is_wanted


def test_the_desktops_sessions_are_read(road: Road, home: Path) -> None:
    """4.1: missing them lost half of the spend of one user."""
    base = home / ".config" / "Claude" / DESKTOP / "u1" / "w1" / "local_1"
    write(base / ".claude" / "projects" / "-sessions-x" / "s9.jsonl", answer("a", 5))
    write(base / "audit.jsonl", answer("b", 7))
    road.read()

    assert [(event.scope.session, event.usage.output) for event in road.events()] == [("s9", 5)]


def test_a_root_that_appears_later_is_read(road: Road, home: Path) -> None:
    """A tool may be installed while tokwatch runs."""
    road.read()
    write(home / ".config" / "claude" / "projects" / "p" / "s.jsonl", answer("a", 5))
    road.read()

    assert road.total().output == 5


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (None, "deletes transcripts after 30 days"),
        (b'{"cleanupPeriodDays":365,"model":"opus"}', "deletes transcripts after 365 days"),
        (b'{"cleanupPeriodDays":"never"}', "cannot be read"),
        (b"[]", "cannot be read"),
        (b"\xff", "cannot be read"),
        (b"[" * 100_000, "cannot be read"),
    ],
)
def test_when_transcripts_are_deleted_is_told(
    home: Path, settings: bytes | None, told: str
) -> None:
    """4.3: thirty days unless a setting says otherwise."""
    (home / ".claude" / "projects").mkdir(parents=True)
    if settings is not None:
        write(home / ".claude" / "settings.json", settings)

    found = sourced("claude-code").retention(Surroundings(home, {}, "linux"))

    assert told in found
    assert "settings.json" in found


def test_a_tool_that_is_not_there_deletes_nothing(home: Path) -> None:
    """4.3: and Codex keeps what it wrote."""
    where = Surroundings(home, {}, "linux")

    assert [sourced(name).retention(where) for name in ("claude-code", "codex")] == ["", ""]
