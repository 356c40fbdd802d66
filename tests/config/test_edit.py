"""The one writer of config.toml: comments stay, nothing wrong is written, there is a way back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tokwatch.config import Config, load
from tokwatch.config.budget_entry import Entry, EntryError, entry_of, keys_of
from tokwatch.config.edit import backup_of, drop_table, set_values, undo
from tokwatch.errors import ConfigError

TEXT = """# my settings
[budget.daily]  # for all
usd = 80        # dollars

[ui]
theme = "tokwatch-dark"
"""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Return settings of a file with comments."""
    file = tmp_path / "own" / "config.toml"
    file.parent.mkdir()
    file.write_text(TEXT, "utf-8")
    return load(file, tmp_path / "data", environ={})


def again(config: Config) -> Config:
    """Read the same files again."""
    return load(config.file, config.data, environ={})


def test_a_changed_key_keeps_everything_around_it(config: Config) -> None:
    set_values(config, ("budget", "daily"), {"usd": 90})

    assert config.file.read_text("utf-8") == TEXT.replace("80 ", "90 ")


def test_a_new_table_is_added_and_holds(config: Config) -> None:
    set_values(config, ("budget", "weekly"), {"tokens": 5, "per": "week", "usd": None})

    assert again(config).budget["weekly"].tokens == 5
    text = config.file.read_text("utf-8")
    assert text.startswith(TEXT.split("[ui]", maxsplit=1)[0])
    assert '\n[budget.weekly]\ntokens = 5\nper = "week"\n\n[ui]\n' in text


def test_a_file_that_is_not_there_is_made(tmp_path: Path) -> None:
    config = load(None, tmp_path / "data", environ={"HOME": str(tmp_path)})

    set_values(config, ("budget", "b"), {"usd": 1.5})

    assert load(config.file, environ={}).budget["b"].usd == 1.5


def test_what_would_not_hold_is_not_written(config: Config) -> None:
    with pytest.raises(ConfigError) as caught:
        set_values(config, ("budget", "daily"), {"usd": -1})

    assert f"{config.file}:3: budget.daily.usd" in caught.value.message
    assert config.file.read_text("utf-8") == TEXT
    assert [path.name for path in config.file.parent.iterdir()] == ["config.toml"]


def test_the_way_back_leads_forth_again(config: Config) -> None:
    assert not undo(config)
    backup = set_values(config, ("budget", "daily"), {"usd": 90})
    changed = config.file.read_text("utf-8")
    assert backup == backup_of(config.file)
    assert backup.read_text("utf-8") == TEXT

    assert undo(config)
    assert config.file.read_text("utf-8") == TEXT
    assert undo(config)
    assert config.file.read_text("utf-8") == changed


def test_a_table_is_taken_out(config: Config) -> None:
    drop_table(config, ("budget", "daily"))

    assert not again(config).budget
    assert again(config).ui.theme == "tokwatch-dark"
    with pytest.raises(ConfigError, match=r"has no \[budget.daily\]"):
        drop_table(again(config), ("budget", "daily"))


SEVERAL = """# mine
[budget.daily]  # for all
usd = 80        # dollars

# about the week
[budget.weekly]
usd = 300

[ui]
theme = "tokwatch-dark"
"""


def several(config: Config) -> Config:
    """Return settings of a file with two budgets."""
    config.file.write_text(SEVERAL, "utf-8")
    return again(config)


def test_a_comment_above_the_next_table_stays_when_one_is_taken_out(config: Config) -> None:
    drop_table(several(config), ("budget", "daily"))

    assert config.file.read_text("utf-8") == SEVERAL.replace(
        "[budget.daily]  # for all\nusd = 80        # dollars\n", ""
    )


def test_another_name_is_one_change_and_keeps_comments(config: Config) -> None:
    set_values(several(config), ("budget", "all-day"), {"usd": 90}, before="daily")

    changed = SEVERAL.replace("daily", "all-day").replace("80 ", "90 ")
    assert config.file.read_text("utf-8") == changed
    undo(config)
    assert config.file.read_text("utf-8") == SEVERAL


@pytest.mark.parametrize(
    "text", ["[budget]\ndaily = { usd = 80 } # all\n", "budget.daily.usd = 80\n"]
)
def test_a_table_without_lines_of_its_own_is_renamed_too(config: Config, text: str) -> None:
    config.file.write_text(text, "utf-8")

    set_values(again(config), ("budget", "b"), {"usd": 80}, before="daily")

    assert list(again(config).budget) == ["b"]
    drop_table(again(config), ("budget", "b"))
    assert not again(config).budget


def test_a_link_stays_one_and_rights_stay(config: Config, tmp_path: Path) -> None:
    real = tmp_path / "real.toml"
    config.file.rename(real)
    real.chmod(0o600)
    config.file.symlink_to(real)

    set_values(config, ("budget", "daily"), {"usd": 90})

    assert config.file.is_symlink()
    assert "usd = 90" in real.read_text("utf-8")
    assert real.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("amount", "keys"),
    [
        ("$80", {"usd": 80}),
        ("$1,200.50", {"usd": 1200.5}),
        ("2k usd", {"usd": 2000}),
        ("5M tokens", {"tokens": 5_000_000}),
        ("200k output tokens", {"tokens": 200_000, "token_class": "output"}),
        ("1.5B cache read tokens", {"tokens": 1_500_000_000, "token_class": "cache_read"}),
        ("100 requests", {"requests": 100}),
    ],
)
def test_an_amount_is_typed_as_it_is_said(amount: str, keys: dict[str, object]) -> None:
    found = keys_of(Entry("b", amount, "week", "project my shop, each model"))

    set_keys = {key: value for key, value in found.items() if value is not None}
    assert set_keys == keys | {"per": "week", "project": "my shop", "each": "model"}


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (Entry("b", "80"), "amount: write"),
        (Entry("b", "$80", "year"), "per: 'year' is none of block"),
        (Entry("b", "$80", "day", "everything"), "for: 'everything'"),
        (Entry("b", "$80", "day", "each colour"), "for: 'each colour'"),
    ],
)
def test_what_is_no_budget_says_which_field(entry: Entry, told: str) -> None:
    with pytest.raises(EntryError, match=told.replace("(", r"\(")):
        keys_of(entry)


@pytest.mark.parametrize(
    "entry",
    [
        Entry("b", "$80", "day", ""),
        Entry("b", "200,000 output tokens", "run", "project shop, each model"),
        Entry("b", "12 requests", "session", "agent Explore"),
    ],
)
def test_a_budget_is_shown_as_it_would_be_typed(config: Config, entry: Entry) -> None:
    set_values(config, ("budget", "b"), keys_of(entry))

    assert entry_of("b", again(config).budget["b"]) == entry
