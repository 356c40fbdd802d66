"""The rules of dependency: the import graph by reading the code, what is loaded by running it."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.transcripts import append, response, transcript
from tokwatch.cli import COMMANDS

pytestmark = pytest.mark.no_cover  # reads the package, and runs it as programs of their own
PACKAGE = Path(__file__).parent.parent / "tokwatch"
LAYERS = ("sources", "gateways", "store", "analysis", "compress")
OWNERS = {
    "textual": "ui",
    "rich": "ui",
    "plotext": "ui",
    "sqlmodel": "store",
    "sqlalchemy": "store",
    "alembic": "store",
    "watchfiles": "sources.follow",
    "httpx": "net",
    "prometheus_client": "gateways.prometheus",
    "keyring": "gateways.keys",
    "tiktoken": "tokens",
    "tokenizers": "tokens",
    "genai_prices": "prices",
    "tomlkit": "config.edit",
}
LEAVES = (
    *("model", "config", "prices", "tokens", "net", "errors", "paths", "words", "zones"),
    "status.fields",
)
HEAVY = {
    "textual",
    "plotext",
    "tiktoken",
    "watchfiles",
    "httpx",
    "sqlmodel",
    "pydantic",
    "genai_prices",
}
CLOCKS_AND_IO = {"time", "os", "io", "pathlib", "socket", "sqlite3", "subprocess", "threading"}
NOW = {"now", "utcnow", "today"}


Imports = dict[str, frozenset[str]]
"""What each module imports, at its top or inside a function."""


def modules() -> dict[str, ast.Module]:
    """Return every module of the package by its name without `tokwatch.`."""
    trees = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = file.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        trees[name] = ast.parse(file.read_text("utf-8"))
    return trees


def statements(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield every statement at any depth, and no expression: those are most of a tree."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.stmt | ast.excepthandler | ast.match_case):
            yield node
            yield from statements(node)


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the full names that a module imports, at its top or inside a function."""
    for node in statements(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name: str, area: str) -> bool:
    """Say whether a dotted name is an area or lies inside it."""
    return name == area or name.startswith(f"{area}.")


def uses(imports: Imports, area: str, targets: Iterable[str]) -> list[str]:
    """Return who inside an area imports any of the targets."""
    targets = tuple(targets)
    return [
        f"{name} imports {target}"
        for name, found in imports.items()
        if within(name, area)
        for target in sorted(found)
        if any(within(target, forbidden) for forbidden in targets)
    ]


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.Module]:
    """Return the package as syntax trees."""
    return modules()


@pytest.fixture(scope="module")
def imports(trees: dict[str, ast.Module]) -> Imports:
    """Return what each module imports: a walk over the whole package."""
    return {name: frozenset(imported(tree)) for name, tree in trees.items()}


def test_the_package_is_read(imports: Imports) -> None:
    assert {"", "cli", "config", "model"} <= set(imports)
    assert "tokwatch.errors.TokwatchError" in imports["cli"]


def test_model_imports_the_standard_library_and_what_its_values_are_made_of(
    imports: Imports,
) -> None:
    nouns = [found for name, found in imports.items() if within(name, "model")]
    foreign = {target for found in nouns for target in found}

    assert len(nouns) > 1
    assert {
        target
        for target in foreign
        if target.partition(".")[0] not in sys.stdlib_module_names
        and not within(target, "tokwatch.model")
    } <= {"msgspec.Struct", "msgspec.field", "msgspec.structs.replace"}


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_knows_no_other_layer(imports: Imports, layer: str) -> None:
    others = [f"tokwatch.{other}" for other in LAYERS if other != layer]

    assert uses(imports, layer, others) == []


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_knows_nothing_above_it(imports: Imports, layer: str) -> None:
    above = ["tokwatch.monitor", "tokwatch.ui", "tokwatch.cli"]

    assert uses(imports, layer, above) == []


@pytest.mark.parametrize("leaf", LEAVES)
def test_a_leaf_knows_leaves_only(imports: Imports, leaf: str) -> None:
    ours = {f"tokwatch.{name}" for name in imports if name}
    allowed = tuple(f"tokwatch.{name}" for name in LEAVES)
    found = uses(imports, leaf, ours)

    assert [use for use in found if not use.partition(" imports ")[2].startswith(allowed)] == []


def test_analysis_reads_no_clock_and_no_file(
    trees: dict[str, ast.Module], imports: Imports
) -> None:
    assert uses(imports, "analysis", CLOCKS_AND_IO) == []
    for name, tree in trees.items():
        if within(name, "analysis"):
            called = {n.func for n in ast.walk(tree) if isinstance(n, ast.Call)}
            attributes = {f.attr for f in called if isinstance(f, ast.Attribute)}
            names = {f.id for f in called if isinstance(f, ast.Name)}
            assert not attributes & NOW, name
            assert not names & {"open", "print", "input"}, name


@pytest.mark.parametrize("library", OWNERS)
def test_a_library_is_imported_by_its_owner_only(imports: Imports, library: str) -> None:
    owner = OWNERS[library]
    users = [name for name, found in imports.items() if any(within(t, library) for t in found)]

    assert [name for name in users if not within(name, owner)] == []


def test_the_screen_asks_the_monitor_and_nothing_below_it(imports: Imports) -> None:
    below = ["tokwatch.sources", "tokwatch.gateways", "tokwatch.store", "tokwatch.prices"]

    assert uses(imports, "ui", below) == []


LOADED = """
import json, sys
try:
    {code}
except SystemExit:
    pass
print(json.dumps(sorted({{name.partition(".")[0] for name in sys.modules}})), file=sys.stderr)
"""


def loaded_by(code: str, home: Path) -> set[str]:
    """Run code in an empty home; return the top-level names of what was loaded."""
    done = run(LOADED.format(code=code), home)
    return set(json.loads(done.stderr.splitlines()[-1]))


def run(code: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run code as a program of its own, with this process's modules and nothing written."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=home,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(PACKAGE.parent), *filter(None, sys.path)]),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
    )
    assert done.returncode == 0, done.stderr
    return done


COMMAND_NAMES = {command.name for command in COMMANDS}
LIGHT_LINES = [
    ["--version"],
    ["--help"],
    ["config", "--json"],
    ["report", "daily", "--json"],
    ["statusline"],
    ["check"],
]


@pytest.mark.parametrize(
    "arguments",
    [line for line in LIGHT_LINES if line[0].startswith("-") or line[0] in COMMAND_NAMES],
    ids=" ".join,
)
def test_a_light_command_loads_nothing_heavy(arguments: list[str], home: Path) -> None:
    loaded = loaded_by(f"from tokwatch.cli import main; main({arguments!r})", home)

    assert "tokwatch" in loaded
    assert loaded & HEAVY == set()


def test_importing_tokwatch_loads_nothing_heavy(home: Path) -> None:
    # With msgspec `check --hook` would take half as long again.
    assert loaded_by("import tokwatch, tokwatch.cli", home) & (HEAVY | {"msgspec"}) == set()


def test_a_report_on_unchanged_logs_loads_nothing_that_reads_or_writes_them(home: Path) -> None:
    append(transcript(home), response(1))
    code = """
import sys
from tokwatch.cli import main
main(["report", "daily", "--json"])
print([name for name in sys.modules if name.startswith("tokwatch.")])
"""
    run(code, home)

    loaded = set(ast.literal_eval(run(code, home).stdout.splitlines()[-1]))

    assert {"tokwatch.ingest.freshness", "tokwatch.store.read.usage"} < loaded
    assert not loaded & {"tokwatch.ingest.ingest", "tokwatch.store.write", "tokwatch.store.sql",
                         "tokwatch.store.logs", "tokwatch.sources.reader"}  # fmt: skip
    assert not loaded & {"tokwatch.store.read.events", "tokwatch.model.event",
                         "tokwatch.model.facets", "tokwatch.cli.report_sections"}  # fmt: skip
    assert not {name for name in loaded if name.endswith(("_records", "_transcript", "_rollout"))}


def test_counting_loads_a_tokenizer_and_nothing_else_that_is_heavy(home: Path) -> None:
    (home / "text.txt").write_text("some words")
    line = ["count", "--model", "gpt-5", str(home / "text.txt")]

    loaded = loaded_by(f"from tokwatch.cli import main; main({line!r})", home)

    assert loaded & HEAVY == {"tiktoken"}


def test_only_the_command_that_is_called_is_loaded(home: Path) -> None:
    code = """
import sys
from tokwatch.cli import main
main(["config", "--check"])
print([name for name in sys.modules if name.startswith("tokwatch.cli.")])
"""
    assert (
        run(code, home).stdout.splitlines()[-1]
        == "['tokwatch.cli.json_form', 'tokwatch.cli.config']"
    )


ROAD = """
import dataclasses, sys
made = []
make = dataclasses.dataclass

def noted(cls=None, /, **options):
    if cls is None:
        return lambda cls: noted(cls, **options)
    made.append(f"{cls.__module__}.{cls.__name__}")
    return make(cls, **options)

dataclasses.dataclass = noted
import tokwatch.config, tokwatch.ingest.chosen, tokwatch.ui.app, tokwatch.monitor.monitor
print([name for name in made if name.startswith("tokwatch.")])
print([name for name in sys.modules if name.startswith("tokwatch.") or name == "hashlib"])
"""


def test_the_road_to_the_first_frame_makes_no_dataclass_and_loads_no_other_screen(
    home: Path,
) -> None:
    made, loaded = map(ast.literal_eval, run(ROAD, home).stdout.splitlines())

    screens = {name for name in loaded if name.startswith("tokwatch.ui.screens.")}
    assert made == [], "each takes half a millisecond"
    assert screens == {f"tokwatch.ui.screens.{name}" for name in ("overview", "listed", "timed")}
    assert not {"tokwatch.prices.resolve", "tokwatch.ingest.ingest", "tokwatch.ui.palette"} & {
        *loaded
    }
    assert "hashlib" not in loaded, "with it comes OpenSSL"


IMPORT_ALL = """
import gc, importlib, logging, sys, threading

touched = []

def watch(event, arguments):
    if event == "open" and arguments[1] is not None and set(str(arguments[1])) & set("wax+"):
        touched.append((event, str(arguments[0])))
    elif event in ("os.mkdir", "os.rename", "os.remove", "sqlite3.connect", "socket.connect"):
        touched.append((event, str(arguments[0])))

threads = threading.active_count()
sys.addaudithook(watch)
for name in {names!r}:
    importlib.import_module(name)
assert not touched, touched
assert threading.active_count() == threads
assert not logging.getLogger().handlers
assert not logging.getLogger("tokwatch").handlers
if "sqlalchemy" in sys.modules:
    from sqlalchemy.engine import Engine
    assert not [each for each in gc.get_objects() if isinstance(each, Engine)]
"""


def test_nothing_is_created_at_import(trees: dict[str, ast.Module], home: Path) -> None:
    ours = [f"tokwatch.{name}" for name in trees if name and "migrations" not in name]

    run(IMPORT_ALL.format(names=ours), home)

    assert list(home.iterdir()) == []
