"""A mapping is checked when the settings are read: every mistake has its line and a way out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokwatch.cli import main
from tokwatch.config import load
from tokwatch.config.field_path import Steps, first_value, is_path, steps_of, value_at
from tokwatch.config.mapping import MappedFields, Mapping, Table
from tokwatch.errors import ConfigError

Write = Callable[..., Path]
NO_PATHS = ("", ".", "a.", ".a", "a..b", "[0]")


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes a mapping with some keys, fields and tables of its own."""

    def write_mapping(keys: str = "", fields: str = "", more: str = "") -> Path:
        file = tmp_path / "config.toml"
        head = f'[mapping.gw]\nfiles = ["~/logs/*.jsonl"]\ntime = "ts"\n{keys}\n'
        table = f'[mapping.gw.fields]\nmodel = "model"\ninput = "in"\n{fields}\n'
        file.write_text(head + table + more, "utf-8")
        return file

    return write_mapping


def refusal(file: Path) -> str:
    """Return the message of the error that loading raises."""
    with pytest.raises(ConfigError) as caught:
        load(file, environ={})
    return caught.value.message


def test_a_whole_mapping_is_read(write: Write) -> None:
    file = write(
        'where = { event = "done", "a.b" = [1, true] }\ninput_includes = ["cache_read"]',
        'cache_read = ["cached", "usage.cached"]',
        '[mapping.gw.measure."a score"]\nvalue = "score"\ntags = { suite = "suite" }',
    )

    found = load(file, environ={}).mapping["gw"]

    assert found.where == {"event": "done", "a.b": (1, True)}
    assert found.fields.cache_read == ("cached", "usage.cached")
    assert found.counts == ("input", "cache_read")
    assert found.measure["a score"].tags == {"suite": "suite"}
    assert (found.time_unit, found.cost_unit, found.duration_unit) == ("iso", "usd", "ms")


@pytest.mark.parametrize(
    ("keys", "fields", "told"),
    [
        ("tme = 'ts'", "", ":4: mapping.gw.tme is not a setting; did you mean mapping.gw.time?"),
        ("output = 'o'", "", ":4: mapping.gw.output is not a setting; did you mean "
         "mapping.gw.fields.output?"),
        ("", "inptu = 'i'", ":8: mapping.gw.fields.inptu is not a setting; did you mean "
         "mapping.gw.fields.input?"),
        ("", "output = 'a..b'", ':8: mapping.gw.fields.output = "a..b" is not allowed; a path such '
         "as usage.input_tokens, or a list of them"),
        ("", "output = []", ":8: mapping.gw.fields.output = [] is not allowed; a path"),
        ("", "output = ['a', 3]", ':8: mapping.gw.fields.output = ["a", 3] is not allowed; a path'),
        ("time_unit = 'hours'", "", '= "hours" is not allowed; "iso", "s", "ms", "us" or "ns"'),
        ("cost_unit = 'eur'", "", 'is not allowed; "usd", "cents", "micro_usd" or "nano_usd"'),
        ("input_includes = ['x']", "", 'is not allowed; a list of "cache_read" or "cache_write"'),
        ("where = { 'a b' = 1 }", "", ':4: mapping.gw.where: "a b" is not allowed as a name; '
         "a path such as usage.input_tokens"),
        ("where = { a = { b = 1 } }", "", ":4: mapping.gw.where.a = { b = 1 } is not allowed; "
         "text, a number, true or false, or a list of them"),
        ("", "[mapping.'a b']\nfiles = ['/x']", ':8: mapping: "a b" is not allowed as a name; '
         "a name of letters"),
        ("", "[mapping.gw.measure.x]\nvlue = 'v'", ":9: mapping.gw.measure.x.vlue is not a "
         "setting; did you mean mapping.gw.measure.x.value?"),
        ("", "[mapping]\ngv = 3", ":9: mapping.gv = 3 is not allowed; a table with files, title"),
    ],
)  # fmt: skip
def test_a_wrong_key_or_value_is_told_with_its_line(
    write: Write, keys: str, fields: str, told: str
) -> None:
    file = write(keys, fields)

    message = refusal(file)

    assert told in message
    assert message.startswith(f"{file}:")


@pytest.mark.parametrize(
    ("keys", "fields", "told"),
    [
        ("", "cache_read = 'c'", 'input_includes is missing: does input include the cached? '
         '["cache_read"], or []'),
        ("", "cache_read = 'c'\ncache_write_1h = 'w'", '["cache_read", "cache_write"], or []'),
        ("", "output = 'o'\nreasoning = 'r'", "output_includes_reasoning is missing: true or"),
        ("", "reasoning = 'r'", "fields.reasoning is a part of output, which no field holds"),
        ("input_includes = ['cache_write']", "", "input_includes names cache_write, which"),
        ("time_zone = 'UTC'\ntime_unit = 's'", "", 'time_zone means nothing with time_unit = "s"'),
        ("", "[mapping.gw.measure.x]\nunit = 'u'", "measure.x.value is missing"),
    ],
)  # fmt: skip
def test_a_rule_that_would_be_guessed_must_be_stated(
    write: Write, keys: str, fields: str, told: str
) -> None:
    file = write(keys, fields)

    message = refusal(file)

    assert message.startswith(f"{file}:1: mapping.gw: ")
    assert told in message


def test_a_rule_that_a_key_breaks_is_told_with_its_line(write: Write) -> None:
    file = write("title = 't'\ntime_zone = 'Mars/Base'", "")
    line = file.read_text("utf-8").splitlines().index("time_zone = 'Mars/Base'") + 1

    told = f"{file}:{line}: mapping.gw: time_zone: 'Mars/Base' is not a known time zone"
    assert told in refusal(file)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "time = 't'\nfields.input = 'i'\nconstants.model = 'm'",
            ':1: mapping.gw: files is missing: name the logs, such as files = ["~/logs/*.jsonl"]',
        ),
        ("files = ['/x']", "fields has none of input, output, cache_read, "),
        ("files = ['/x']\nfields.input = 'i'", "time is missing"),
        ("files = ['/x']\ntime = 't'\nfields.input = 'i'", "the model is missing"),
        ("files = ['/x']\nmeasure.q.value = 'v'", "measure.q.time is missing"),
        ("files = ['logs/*.jsonl']", "a list of files from ~ or /"),
        ("files = ['~']", "a list of files from ~ or /"),
        ("files = ['~/logs/']", "a list of files from ~ or /"),
        ("files = ['/']", "a list of files from ~ or /"),
        ("files = ['~/..']", "a list of files from ~ or /"),
    ],
)
def test_a_mapping_that_lacks_something_says_what(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f"[mapping.gw]\n{text}\n", "utf-8")

    assert told in refusal(file)


def test_a_mapping_of_a_stream_needs_no_files(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    mapping = "[mapping.gw]\ntime = 't'\nfields.input = 'i'\nconstants.model = 'm'\n"
    stream = "[endpoint.s]\nkind = 'stream'\nurl = 'https://x'\nmapping = 'gw'\n"
    file.write_text(mapping + stream, "utf-8")

    assert load(file, environ={}).mapping["gw"].files == ()

    file.write_text(mapping + stream.replace("'gw'", "'gq'"), "utf-8")
    assert refusal(file).startswith(f"{file}:8: endpoint.s.mapping: there is no mapping 'gq'")


def test_a_profile_may_complete_a_mapping(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(
        "[mapping.gw]\nfiles = ['/x']\ntime = 't'\nfields.input = 'i'\nconstants.model = 'm'\n"
        "[profile.work.mapping.gw]\ntime_unit = 's'\ninput_includes = ['cache_read']\n"
        "[profile.home.mapping.gw]\ntime_unit = 'ms'\n",
        "utf-8",
    )

    assert load(file, profile="home", environ={}).mapping["gw"].time_unit == "ms"
    with pytest.raises(ConfigError, match=r":1, .*:6: mapping.gw: input_includes names cache_read"):
        load(file, profile="work", environ={})


@pytest.mark.parametrize(
    ("name", "keys", "told"),
    [
        ("codex", "", "mapping.codex: Codex CLI has this name"),
        ("gw", "files = ['~/logs/use.sqlite']\n", "mapping.gw: ~/logs/use.sqlite names databases"),
    ],
)
def test_a_mapping_that_cannot_be_a_source_is_refused_at_the_start(
    write: Write, name: str, keys: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write()
    text = file.read_text().replace("mapping.gw", f"mapping.{name}")
    file.write_text(text.replace('files = ["~/logs/*.jsonl"]\n', keys) if keys else text)

    assert main(["--config", str(file), "config", "--check"]) == 2
    assert f"{file}:1: {told}" in capsys.readouterr().err


def test_what_config_prints_is_the_mapping_again(
    write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write('where = { "a.b" = ["x", 1, true] }', "", '[mapping.gw.measure."my score"]\n'
                 'value = "\'a.b\'.c"\n')  # fmt: skip
    main(["--config", str(file), "config"])
    copy = tmp_path / "copy.toml"
    copy.write_text(capsys.readouterr().out, "utf-8")

    assert load(copy, environ={}).mapping == load(file, environ={}).mapping


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("a", ("a",)),
        ("a.b.c", ("a", "b", "c")),
        ("a[0].b[-1]", ("a", 0, "b", -1)),
        ("a[0][1]", ("a", 0, 1)),
        ('"a.b".c', ("a.b", "c")),
        ("a.'b c'[2]", ("a", "b c", 2)),
        ('"say \\"hi\\""', ('say "hi"',)),
        ("@timestamp", ("@timestamp",)),
        ("in-put/x", ("in-put/x",)),
    ],
)
def test_a_path_is_keys_and_places(path: str, steps: tuple[str | int, ...]) -> None:
    assert steps_of(path) == steps


@pytest.mark.parametrize(
    "path", [*NO_PATHS, "a[", "a[x]", "a[0]b", "a b", '"a', "'a", '"\\x"', "a['b']"]
)
def test_what_is_no_path_is_refused_with_the_place(path: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        steps_of(path)
    assert not is_path(path)


def test_a_path_that_leads_nowhere_has_no_value() -> None:
    record = {"a": [{"b": 1}, None], "c": None}

    assert value_at(record, ("a", -2, "b")) == 1
    nowhere: list[Steps] = [("a", 2), ("a", -3), ("a", "b"), ("c", "d"), ("a", 0, 0), ("x",)]
    assert [value_at(record, steps) for steps in nowhere] == [None] * len(nowhere)
    assert first_value(record, [("x",), ("c",), ("a", 0, "b")]) == 1


@given(st.text(max_size=20))
def test_any_text_is_a_path_or_a_value_error(text: str) -> None:
    if is_path(text):
        assert value_at({}, steps_of(text)) is None


@pytest.mark.parametrize("table", [Mapping, MappedFields])
def test_the_page_on_mappings_names_every_key(repository: Path, table: type[Table]) -> None:
    page = (repository / "docs" / "mapping.md").read_text("utf-8")

    missing = [name for name in table.__struct_fields__ if f"`{name}`" not in page]
    assert missing == []
