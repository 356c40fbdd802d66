"""Settings are layered, and whatever is wrong in one is told with its place and what is allowed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokwatch.config import Config, load, origins
from tokwatch.config.sections import Price
from tokwatch.errors import ConfigError

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes a config file."""

    def write_text(text: str) -> Path:
        file = tmp_path / "config.toml"
        file.write_text(text, "utf-8")
        return file

    return write_text


def refusal(file: Path | None = None, variables: Mapping[str, str] = {}) -> ConfigError:
    """Return the error that loading raises."""
    with pytest.raises(ConfigError) as caught:
        load(file, environ=variables)
    return caught.value


def test_without_a_file_of_ones_own_the_shipped_values_hold(home: Path) -> None:
    config = load()

    assert (config.context.warning, config.context.critical) == (0.75, 0.85)
    assert (config.context.max_messages, config.context.max_tokens) == (50, 50_000)
    assert (config.context.safety_margin, config.context.reserve_tokens) == (0.9, 2_000)
    assert (config.limits.tokens_per_minute, config.limits.backoff_at) == (400_000, 0.8)
    assert (config.response_cache.small_items, config.response_cache.large_items) == (100, 1_000)
    assert (config.response_cache.max_mb, config.response_cache.ttl_seconds) == (100, 3_600)
    assert (config.session.warning_usd, config.session.critical_usd) == (10, 50)
    assert (config.chunk.tokens, config.chunk.examples) == (500, 2)
    assert (config.summary.messages, config.summary.words) == (20, 200)
    assert config.tokens.chars_per_token == 4
    assert home in config.file.parents
    assert home in config.data.parents


def test_the_users_file_lies_in_the_platforms_config_folder() -> None:
    file = load().file
    file.parent.mkdir(parents=True)
    file.write_text("[context]\nwarning = 0.6\n")

    assert load().context.warning == 0.6


def test_profile_overrides_the_file_and_environment_overrides_both(write: Write) -> None:
    file = write(
        """
        [context]
        warning = 0.5
        critical = 0.6
        max_messages = 10
        [profile.work.context]
        critical = 0.7
        max_messages = 11
        """
    )
    variables = {"TOKWATCH_CONTEXT__MAX_MESSAGES": "12", "TOKWATCH_PROFILE": "work"}

    context = load(file, environ=variables).context

    assert (context.warning, context.critical, context.max_messages) == (0.5, 0.7, 12)
    assert load(file).context.max_messages == 10


def test_options_win_over_their_variables(write: Write, tmp_path: Path) -> None:
    file = write("[profile.a.week]\nstarts = 'sunday'\n[profile.b.week]\nstarts = 'friday'\n")
    variables = {
        "TOKWATCH_CONFIG": str(tmp_path / "absent.toml"),
        "TOKWATCH_DATA": str(tmp_path / "theirs"),
        "TOKWATCH_PROFILE": "a",
    }

    config = load(file, tmp_path / "ours", "b", variables)

    assert config.week.starts == "friday"
    assert config.data == tmp_path / "ours"


def test_variables_choose_file_and_data_folder(write: Write, home: Path) -> None:
    file = write("[burn]\nminutes = 7\n")

    config = load(environ={"TOKWATCH_CONFIG": str(file), "TOKWATCH_DATA": "~/kept"})

    assert config.burn.minutes == 7
    assert config.data == home / "kept"


def test_entries_of_tables_add_up_over_the_layers(write: Write) -> None:
    file = write(
        """
        [prices.override."my/model"]
        input = 3
        output = 15.5
        [profile.work.prices.override."my/model"]
        output = 20
        [profile.work.keys]
        quit = "ctrl+x"
        [sources.paths]
        claude-code = ["/mnt/old"]
        """
    )
    variables = {"TOKWATCH_SOURCES__PATHS": '{ codex = ["/mnt/c"] }'}

    config = load(file, profile="work", environ=variables)

    assert config.prices.override == {"my/model": Price(input=3, output=20)}
    assert config.sources.paths == {"claude-code": ("/mnt/old",), "codex": ("/mnt/c",)}
    assert config.keys == {"quit": "ctrl+x"}


def test_texts_in_variables_stand_as_they_are(write: Write) -> None:
    variables = {
        "TOKWATCH_GENERAL__TIMEZONE": "Asia/Kathmandu",
        "TOKWATCH_WEEK__STARTS": "sunday",
        "TOKWATCH_SOURCES__ONLY": '["codex"]',
        "TOKWATCH_UI__TITLES": "false",
        "TOKWATCH_KEYS__HELP": "f1",
    }

    config = load(write(""), environ=variables)

    assert config.general.timezone == "Asia/Kathmandu"
    assert config.week.starts == "sunday"
    assert config.sources.only == ("codex",)
    assert config.ui.titles is False
    assert config.keys == {"help": "f1"}


def test_configs_are_equal_by_value(write: Write) -> None:
    first = load(write("[burn]\nminutes = 7\n"))
    again = load(write("# a comment\nburn.minutes = 7\n"))
    other = load(write("[burn]\nminutes = 8\n"))

    assert first == again
    assert first != other


def test_origins_name_the_file_the_profile_or_the_variable(write: Write) -> None:
    file = write("[burn]\nminutes = 7\n[prices.alias]\na = 'b'\n[profile.p.week]\nstarts='friday'")
    request = load(file, profile="p", environ={"TOKWATCH_CHUNK__TOKENS": "90"}).request

    found = origins(request)

    assert found["burn", "minutes"] == str(file)
    assert found["prices", "alias", "a"] == str(file)
    assert found["week", "starts"] == f"{file} [profile.p]"
    assert found["chunk", "tokens"] == "TOKWATCH_CHUNK__TOKENS"
    assert found["blocks", "hours"] == str(request.files[0])


def test_every_mistake_is_told_with_its_line_at_once(write: Write) -> None:
    file = write(
        "[context]\n"
        "warnign = 0.7\n"
        'critical = "high"\n'
        "[profile.aside.burn]\n"
        "minutes = 0\n"
        "[store]\n"
        "url = 5\n"
    )

    told = refusal(file, {"TOKWATCH_SOURCES__ONLY": "codex"}).message.splitlines()

    assert told == [
        f"{file}:2: context.warnign is not a setting; did you mean context.warning?",
        f'{file}:3: context.critical = "high" is not allowed; a number from 0.1 to 1',
        f"{file}:7: store.url is not allowed; text",
        'TOKWATCH_SOURCES__ONLY: sources.only = "codex" is not allowed; a list of texts',
        f"{file}:5: burn.minutes = 0 is not allowed; a whole number from 1 to 60",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[sesion]\nx = 1", "sesion is not a setting; did you mean session?"),
        ("[ui]\nworkspace = 'a'", "did you mean general.workspace?"),
        ("[ui]\nzzz = 1", "known: theme, titles, mouse, refresh_hz"),
        ("[prices.override.m]\ninptu = 1", "did you mean prices.override.m.input?"),
        ("[prices.override.m]\ninput = -1", "a number from 0 to 1000000"),
        (
            "prices.override = 3",
            "override = 3 is not allowed; a table of tables with input, ",
        ),
        ("[context.windows]\nm = 1.5", "context.windows.m = 1.5 is not allowed; a whole number"),
        ("[week]\nstarts = 'Monday'", '"monday", "tuesday", "wednesday"'),
        ("[ui]\ntheme = ''", "text, not empty"),
        ("[ui]\ntitles = 1", "true or false"),
        ("[ui]\nrefresh_hz = nan", "a number from 1 to 30"),
        ("[chunk]\ntokens = 1e3", "a whole number from 50 to 100000"),
        ("[chunk]\ntokens = true", "a whole number from 50 to 100000"),
        ("[log]\nlevel = 2020-01-01", "log.level = 2020-01-01 is not allowed"),
        ("ui = 3", "ui = 3 is not allowed; a table with theme, titles"),
        ('[keys]\n"a b\\n" = 1', 'keys."a b\\n" = 1 is not allowed; text'),
        ("[context]\nwarning = 0.9", "context: warning (0.9) is above critical (0.85)"),
        ("[session]\nwarning_usd = 60", "warning_usd (60) is above critical_usd (50)"),
        ("[response_cache]\nsmall_items = 2000", "is above large_items (1000)"),
        ("[sources]\nonly = ['a']\noff = ['a']", "'a' stands in only and in off"),
        ("[general]\ntimezone = 'Mars/Base'", "'Mars/Base' is not a known time zone"),
        ("[general]\ntimezone = '../etc'", "is not a known time zone"),
        ("[store]\nurl = 'mysql://h/d'", "begin with postgresql://"),
        ("[store]\nurl = 'somewhere'", "begin with postgresql://"),
        ("context.warning = ", "is not valid TOML"),
        ("a = 1\na = 2", "is not valid TOML"),
        (f"a = {'9' * 5000}", "is not valid TOML"),
        ("profile = 1", "profile is not a table"),
        ("[profile]\nwork = 1", ":2: profile.work is not a table"),
        ("[profile.work.profile.deeper]", "profile is not a setting"),
    ],
)
def test_a_mistake_says_what_is_allowed(write: Write, text: str, told: str) -> None:
    file = write(text)

    message = refusal(file).message

    assert told in message
    assert str(file) in message


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("TOKWATCH_CONTEXT__WARNIGN", "1", "did you mean context.warning?"),
        ("TOKWATCH_CONTXT__WARNING", "1", "did you mean context?"),
        ("TOKWATCH_CONTEXT__WARNING", "", "a number from 0.1 to 1"),
        ("TOKWATCH_CONTEXT__WARNING", "0.7\nx = 1", "a number from 0.1 to 1"),
        ("TOKWATCH_CONTEXT__WARNING", "=", "a number from 0.1 to 1"),
        ("TOKWATCH_CONTEXT_WARNING", "0.7", "TOKWATCH_CONTEXT_WARNING sets nothing"),
        ("TOKWATCH_DATE", "x", "TOKWATCH_DATE sets nothing"),
    ],
)
def test_a_mistaken_variable_is_named(variable: str, value: str, told: str) -> None:
    message = refusal(None, {variable: value}).message

    assert told in message
    assert variable in message


def test_a_misspelt_variable_is_told_how_it_is_written() -> None:
    assert "TOKWATCH_CONTEXT__WARNING?" in refusal(None, {"TOKWATCH_CONTEXT_WARNING": "1"}).hint
    assert "TOKWATCH_DATA?" in refusal(None, {"TOKWATCH_DATE": "x"}).hint


def test_a_variable_like_nothing_known_is_told_how_settings_are_written() -> None:
    error = refusal(None, {"TOKWATCH_SOMETHING_ELSE": "1"})

    assert "TOKWATCH_SOMETHING_ELSE sets nothing" in error.message
    assert error.hint == "A setting is TOKWATCH_SECTION__KEY."


def test_a_variable_of_the_installation_is_no_mistake() -> None:
    assert load(environ={"TOKWATCH_PURE": "1"}).context == load(environ={}).context


def test_an_unknown_profile_lists_those_there_are(write: Write) -> None:
    file = write("[profile.work.burn]\nminutes = 6\n[profile.home]\n")

    error = refusal(file, {"TOKWATCH_PROFILE": "wrok"})

    assert "no profile 'wrok'" in error.message
    assert error.hint == "Known: home, work."
    assert "[profile.NAME]" in refusal(write(""), {"TOKWATCH_PROFILE": "work"}).hint


def test_a_file_that_was_asked_for_must_be_there(tmp_path: Path) -> None:
    absent = tmp_path / "absent.toml"

    assert f"no file {absent}" in refusal(absent).message
    assert f"{tmp_path} cannot be read" in refusal(tmp_path).message


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b"\xff\xfe[\x00c")

    assert "is not UTF-8" in refusal(file).message


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b"\xef\xbb\xbf[burn]\r\nminutes = 9\r\n")

    assert load(file).burn.minutes == 9


def test_a_password_is_not_repeated_in_a_message(write: Write) -> None:
    wrong_scheme = refusal(write("[store]\nurl = 'postgres//me:hunter2@host/db'"))
    wrong_type = refusal(write("[store]\nurl = ['postgresql://me:hunter2@host/db']"))

    assert "hunter2" not in wrong_scheme.message + wrong_type.message


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_whatever_a_file_holds_there_is_a_config_or_a_config_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_bytes(content)

    with contextlib.suppress(ConfigError):
        assert isinstance(load(file, environ={}), Config)
