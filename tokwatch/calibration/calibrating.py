"""Calibrates token counts by the user's own logs: reads them again, counts, fits, keeps the fit.

The text of a log is read, counted and forgotten: the store keeps a few numbers for each model.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from tokwatch.analysis.pairs import ModelPair, pairs_of
from tokwatch.analysis.timeline import course
from tokwatch.calibration.talks import MOST_BYTES, Talk, read_talk
from tokwatch.model.caching import Chain
from tokwatch.model.units import DAY_MS
from tokwatch.sources.conversation import Weigh
from tokwatch.sources.discover import Walk
from tokwatch.sources.source import Detailed, is_detailed
from tokwatch.sources.tables import is_database
from tokwatch.store.calibrations import write_calibrations
from tokwatch.store.connect import open_database
from tokwatch.store.read.every import calibration_logs, open_view, session_requests
from tokwatch.store.store import has_newest_tables, open_existing, workspace_id
from tokwatch.tokens.calibrated import BY_LENGTH, Calibration, Kind
from tokwatch.tokens.calibration import Pair, fit
from tokwatch.tokens.counting import count_in
from tokwatch.tokens.encodings import Encoding
from tokwatch.tokens.families import UNKNOWN, family_of, generation

if TYPE_CHECKING:
    from tokwatch.config import Config
    from tokwatch.model.detail import Block, Compaction
    from tokwatch.model.session import SessionRequest
    from tokwatch.sources.discover import FoundLog
    from tokwatch.store.view import View

DAYS: Final = 30
"""Older logs are not read: tokenizers change with their models."""
MOST_PAIRS: Final = 1_000
"""Of one model and kind, the newest ones."""

Key = tuple[str, Kind, str]
"""Generation or family, kind, encoding."""


class Progress(NamedTuple):
    """How far the logs are read."""

    done: int
    logs: int
    pairs: int


def calibrate(
    config: Config,
    now_ms: int,
    stopped: Callable[[], bool] = lambda: False,
    told: Callable[[Progress], None] = lambda progress: None,
) -> list[Calibration]:
    """Fit what the user's newest logs tell, keep it, and return it."""
    database = open_existing(config.store.url, config.data)
    if database is None:
        return []
    try:
        view = open_view(database, config.general.workspace, config.general.user or None)
        found = _pairs(config, view, now_ms, stopped, told)
    finally:
        database.close()
    fits = [] if stopped() else _fits(found, now_ms)
    if fits:
        _keep(config, fits)
    return fits


def _keep(config: Config, fits: list[Calibration]) -> None:
    database = open_database(config.store.url, config.data)
    try:
        if has_newest_tables(database):
            workspace = workspace_id(database, config.general.workspace) or 0
            write_calibrations(database, workspace, config.general.user, fits)
    finally:
        database.close()


def _pairs(
    config: Config,
    view: View,
    now_ms: int,
    stopped: Callable[[], bool],
    told: Callable[[Progress], None],
) -> dict[Key, list[Pair]]:
    """Return the pairs of the newest logs, by what they tell of."""
    logs = list(_logs(config, view, now_ms))
    found: dict[Key, list[Pair]] = defaultdict(list)
    for number, (source, log, session) in enumerate(logs):
        if stopped():
            break
        since_ms = now_ms - DAYS * DAY_MS
        for key, pair in _pairs_of_log(config, view, source, log, session, since_ms):
            if len(found[key]) < MOST_PAIRS:
                found[key].append(pair)
        told(Progress(number + 1, len(logs), sum(map(len, found.values()))))
    return found


def _logs(config: Config, view: View, now_ms: int) -> Iterator[tuple[Detailed, FoundLog, str]]:
    """Yield logs that can be read, the newest first, and the session of each."""
    from tokwatch.ingest.chosen import chosen_sources

    sources = {one.name: one for one in chosen_sources(config) if is_detailed(one)}
    since_ms, left, walk = now_ms - DAYS * DAY_MS, MOST_BYTES, Walk()
    for log in calibration_logs(view, since_ms, config.general.machine):
        source = sources.get(log.source)
        if source is None:
            continue
        for found in walk.file(log.path):
            # Of a database only what is recent is read, whatever its size.
            size = 0 if is_database(log.path) else found.size
            if left < size:
                return
            left -= size
            yield source, found, log.session


def _pairs_of_log(
    config: Config, view: View, source: Detailed, found: FoundLog, session: str, since_ms: int
) -> Iterator[tuple[Key, Pair]]:
    """Yield what one log tells of each model, counted by its encoding and by length."""

    def read(weigh: Weigh | None) -> Talk:
        return read_talk(source, found, weigh, config.sources.max_line_mb << 20, since_ms)

    try:
        names = read(None).sessions(session) if is_database(found.path) else (session,)
        requests = session_requests(view, source.name, names)
        encodings = {family_of(one.cached.model).encoding for one in requests}
        for encoding in (None, *sorted(encodings)) if encodings else ():
            talk = read(None if encoding is None else _weigher(encoding, config))
            pairs = list(_pairs_of_talk(talk, requests, source.name, session))
            if not pairs:
                return
            for one in pairs:
                for key in _keys_of(one, encoding):
                    yield key, one.pair
    except (OSError, ValueError):
        return  # the reader of the log tells of what is wrong with it


def _keys_of(pair: ModelPair, encoding: Encoding | None) -> Iterator[Key]:
    """Yield what a pair tells of: its model, and the family that shares its tokenizer."""
    family = family_of(pair.model)
    if encoding not in (None, family.encoding):
        return
    name = BY_LENGTH if encoding is None else encoding.value
    yield generation(pair.model), pair.kind, name
    if family is not UNKNOWN:
        yield family.name, pair.kind, name


def _weigher(encoding: Encoding, config: Config) -> Weigh:
    count = count_in(encoding, config.data)

    @lru_cache(maxsize=256)
    def weigh(content: bytes) -> int:
        return count(content.decode("utf-8", "surrogatepass"))

    return weigh


def _pairs_of_talk(
    talk: Talk, requests: Iterable[SessionRequest], source: str, session: str
) -> Iterator[ModelPair]:
    chains: dict[Chain, list[SessionRequest]] = defaultdict(list)
    for request in requests:
        chains[request.cached.chain].append(request)
    blocks: dict[tuple[str, str], list[Block]] = defaultdict(list)
    for (told, agent, _), block in sorted(talk.blocks.items(), key=lambda item: item[0][2]):
        blocks[told or session, agent].append(block)
    cuts: dict[tuple[str, str], list[Compaction]] = defaultdict(list)
    for (told, agent, _), cut in talk.compactions.items():
        cuts[told or session, agent].append(cut)
    for name, agent in sorted(blocks):
        of = course(chains.get(Chain(source, name, agent), ()), cuts[name, agent])
        yield from pairs_of(of, blocks[name, agent], name)


def _fits(found: dict[Key, list[Pair]], now_ms: int) -> list[Calibration]:
    """Return the fits of all that there are pairs enough of."""
    fits = []
    for (model, kind, encoding), pairs in sorted(found.items()):
        made = fit(pairs)
        if made is not None and model:
            fits.append(
                Calibration(
                    *(model, kind, encoding, *made.line, made.pairs, made.dropped, made.sessions),
                    *(made.error, made.p90, made.raw_error, now_ms),
                )
            )
    return fits
