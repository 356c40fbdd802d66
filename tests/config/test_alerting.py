"""Rules of alerts in the settings: what is allowed, and what a typo is told."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from tokwatch.config import load, origins
from tokwatch.config.alerting import DEFAULTS, Rule
from tokwatch.config.expression import parse
from tokwatch.config.measures import MEASURES
from tokwatch.config.tied import TIED
from tokwatch.errors import ConfigError


def refused(tmp_path: Path, text: str) -> str:
    """Return what is said about settings."""
    file = tmp_path / "config.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        load(file, tmp_path, environ={})
    return str(caught.value)


def test_the_rules_of_the_file_are_the_defaults(repository: Path) -> None:
    table = tomllib.loads((repository / "config.toml").read_text("utf-8"))

    rules = msgspec.convert(table["alerts"]["rules"], dict[str, Rule])
    assert rules == DEFAULTS
    assert list(rules) == list(DEFAULTS)


def test_every_rule_of_the_file_has_a_comment_above_it(repository: Path) -> None:
    text = (repository / "config.toml").read_text("utf-8")
    part = text.partition("[alerts.rules]\n")[2].partition("\n\n[")[0].splitlines()

    assert len(part) == 2 * len(DEFAULTS)
    assert all(line.startswith("# ") for line in part[::2])


@pytest.mark.parametrize("name", DEFAULTS)
def test_every_default_rule_holds_what_is_asked_of_rules(name: str) -> None:
    rule = DEFAULTS[name]
    parsed = parse(rule.when)

    assert rule.threshold is not None
    assert parsed.names[0] in MEASURES


def test_a_part_of_a_rule_changes_only_that_part(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[alerts.rules.session-cost]\nthreshold = 20\n", "utf-8")

    rule = load(file, tmp_path, environ={}).alerts.rules["session-cost"]

    assert rule == Rule("session_cost_usd > threshold", 20.0)


def test_five_thresholds_follow_settings_unless_they_are_given(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(
        "[session]\nwarning_usd = 7\ncritical_usd = 9\n[context]\nwarning = 0.5\ncritical = 0.6\n"
        "[limits]\nbackoff_at = 0.4\n[alerts.rules.session-cost-high]\nthreshold = 11\n"
        "[profile.wide.context]\ncritical = 0.7\n",
        "utf-8",
    )
    config = load(file, tmp_path, environ={}, profile="wide")

    rules = {name: config.alerts.rules[name].threshold for name in TIED}
    assert rules == {
        "session-cost": 7,
        "session-cost-high": 11,
        "context-high": 0.5,
        "context-full": 0.7,
        "tokens-per-minute": 0.4,
    }
    told = origins(config.request)
    assert told["alerts", "rules", "context-full", "threshold"] == f"{file} [profile.wide]"
    assert told["alerts", "rules", "cache-low", "threshold"] != str(file)


def test_the_shipped_thresholds_are_the_settings_that_they_follow(tmp_path: Path) -> None:
    (tmp_path / "config.toml").touch()
    config = load(tmp_path / "config.toml", tmp_path, environ={})

    for name, (section, key) in TIED.items():
        assert config.alerts.rules[name].threshold == getattr(getattr(config, section), key)


def test_a_rule_of_ones_own_stands_beside_the_others(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[alerts.rules.mine]\nwhen = "error_rate > 0.5 and attempts > 3"\n', "utf-8")

    rules = load(file, tmp_path, environ={}).alerts.rules

    assert set(rules) == {*DEFAULTS, "mine"}


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ('when = "sesion_cost > 3"', "'sesion_cost' is no measure; did you mean session_cost_usd?"),
        ('when = "__import__(1) > 3"', "'__import__(1)' is not allowed"),
        ('when = "error_rate.real > 3"', "'error_rate.real' is not allowed"),
        ('when = "error_rate ** 9 > 3"', "'**' is not allowed"),
        ("when = \"error_rate > 'x'\"", "'x' is no number"),
        ('when = "error_rate > True"', "True is no number"),
        ('when = "error_rate"', "'error_rate' is no single comparison"),
        ('when = "1 < error_rate < 2"', "is no single comparison"),
        ('when = "(error_rate > 1) > 0"', "compares within a comparison"),
        ('when = "1 > 0"', "compares at least one measure"),
        ('when = "error_rate >"', "is no expression"),
        ('when = "error_rate > 1 and loop_calls > 2"', "a rule looks at one kind"),
        ('when = "error_rate > threshold"', "has no `threshold`, which its `when` asks for"),
        ("threshold = 3", "has no `when`; say when it alerts"),
        ('when = "budget_share > 1"\nprojects = ["shop"]', "cannot be narrowed"),
        ('when = "error_rate > threshold"\nthreshold = 1\nclear = 2', "is above its threshold"),
        (f'when = "error_rate > {"1 + " * 200}1"', "1 to 500 characters"),
    ],
)
def test_a_wrong_rule_is_told_with_file_and_key(tmp_path: Path, rule: str, told: str) -> None:
    words = refused(tmp_path, f"[alerts.rules.mine]\n{rule}\n")

    assert told in words
    assert "config.toml" in words
    assert "rules.mine" in words


def test_a_rule_of_nearly_the_right_name_is_told_the_one_that_was_meant(tmp_path: Path) -> None:
    words = refused(tmp_path, "[alerts.rules.sesion-cost]\nthreshold = 3\n")

    assert "rules.sesion-cost has no `when`; did you mean session-cost?" in words


def test_a_wrong_key_of_a_rule_is_told_with_its_line(tmp_path: Path) -> None:
    words = refused(tmp_path, "[alerts.rules.session-cost]\ntreshold = 3\n")

    assert "config.toml:2" in words
    assert "did you mean alerts.rules.session-cost.threshold?" in words


@pytest.mark.parametrize(
    "url", ["http://example.com/x", "ftp://example.com", "https://", "example.com/x", "file:///x"]
)
def test_a_webhook_that_others_could_read_is_refused_and_never_repeated(
    tmp_path: Path, url: str
) -> None:
    words = refused(tmp_path, f'[notify]\nwebhook = "{url}"\n')

    assert "webhook must begin with https://" in words
    assert url not in words.replace("https://,", "")


@pytest.mark.parametrize(
    "url", ["https://hooks.example.com/a", "http://127.0.0.1:80/a", "http://localhost/a",
            "http://[::1]:9/a"]
)  # fmt: skip
def test_a_webhook_by_https_or_on_this_machine_is_taken(tmp_path: Path, url: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f'[notify]\nwebhook = "{url}"\n', "utf-8")

    assert load(file, tmp_path, environ={}).notify.webhook == url


def test_quiet_hours_are_two_times(tmp_path: Path) -> None:
    assert "belong together" in refused(tmp_path, '[notify]\nquiet_from = "22:00"\n')
    both = '[notify]\nquiet_from = "22:00"\nquiet_until = "25:00"\n'
    assert "quiet_until is a time" in refused(tmp_path, both)


def test_the_page_lists_every_measure_with_its_words(repository: Path) -> None:
    text = (repository / "docs" / "alerts.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| ([\w ]*) \| (.*) \|$", text, re.MULTILINE)

    assert rows == [
        (name, one.kind, one.unit or "number", one.words) for name, one in MEASURES.items()
    ]


def test_the_page_lists_every_rule_with_its_condition(repository: Path) -> None:
    text = (repository / "docs" / "alerts.md").read_text("utf-8")
    rows = re.findall(r"^\| `([\w-]+)` \| `(.*?)` \| ([\d.]+) \| (\w+) \|$", text, re.MULTILINE)

    assert rows == [
        (name, rule.when, f"{rule.threshold or 0:.9g}", rule.severity)
        for name, rule in DEFAULTS.items()
    ]
