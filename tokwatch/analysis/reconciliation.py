"""Sets what the logs tell beside each report of an endpoint, by UTC day and model.

Nothing is added up across tellers: they tell of the same use.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct

from tokwatch.analysis.gap_reasons import with_reasons
from tokwatch.analysis.sums import total
from tokwatch.model.endpoint import Bucket
from tokwatch.model.reconciliation import Figures, Pair, Report, Row
from tokwatch.model.units import DAY_MS
from tokwatch.model.usage import NO_USAGE, Cell, CostMode, Dimension, Usage

BY: Final = (
    *(Dimension.DAY, Dimension.SOURCE, Dimension.PROVIDER, Dimension.MODEL),
    *(Dimension.KEY, Dimension.USER),
)
"""How the cells of the logs are grouped here."""
PROVIDERS: Final = {"openai": "openai", "anthropic": "anthropic", "anthropic-admin": "anthropic"}
"""Kinds of endpoints that tell all that a provider sold to an organisation."""
OF_TOOL: Final = {"claude-code": "claude-code"}
"""Reports about one tool alone, and the source of its logs."""
KEY, USER = (BY.index(dimension) for dimension in (Dimension.KEY, Dimension.USER))
BARE: Final = {"cost": {""}}
"""What a report is about that told nothing: a bill, of all models."""
Spellings = Mapping[str, tuple[str, ...]]
"""Under which names a model may be known."""
Told = dict[tuple[int, str], list[Bucket]]
Named = tuple[tuple[str, int], ...]


class Total(Struct, frozen=True):
    """One report over the whole range; the logs of what it is compared with."""

    endpoint: str
    report: str
    logs: Figures
    says: Figures
    gap: Figures


class Reconciliation(Struct, frozen=True):
    """A range, side by side."""

    rows: tuple[Row, ...] = ()
    """By day, then model, then report."""
    untold: Usage = NO_USAGE
    """Usage of the logs that no report is about."""
    untold_models: tuple[str, ...] = ()

    @property
    def totals(self) -> list[Total]:
        """Each report in all."""
        by_report: defaultdict[tuple[str, str], list[Pair]] = defaultdict(list)
        for row in self.rows:
            by_report[row.pair.endpoint, row.pair.report].append(row.pair)
        return [
            Total(
                *name,
                added(pair.logs for pair in pairs),
                added(pair.says for pair in pairs),
                added(pair.gap for pair in pairs),
            )
            for name, pairs in sorted(by_report.items())
        ]


def reconcile(
    cells: Sequence[Cell],
    reports: Sequence[Report],
    days: range,
    spellings: Spellings,
    mode: CostMode = CostMode.AUTO,
) -> Reconciliation:
    """Return logs and reports side by side; cells are grouped as `BY` says."""
    logged = {str(cell.group[3]) for cell in cells}
    told = {bucket.model for report in reports for bucket in report.buckets}
    names = same_models(logged, told, spellings)
    pairs: list[Pair] = []
    used: set[tuple[str | int, ...]] = set()
    by_day: defaultdict[int, list[Cell]] = defaultdict(list)
    for cell in cells:
        by_day[int(cell.group[0])].append(cell)
    for report in reports:
        side = _Side(report, names, mode)
        for day in days:
            pairs += side.of_day(day, by_day[day], used)
    rest = [cell for cell in cells if cell.group not in used]
    order = sorted(with_reasons(pairs), key=lambda row: _order(row.pair))
    return Reconciliation(
        tuple(order),
        total(cell.usage for cell in rest),
        tuple(sorted({names[str(cell.group[3])] for cell in rest})),
    )


def _order(pair: Pair) -> tuple[int, bool, str, str, str]:
    return pair.day, not pair.model, pair.model, pair.endpoint, pair.report


def same_models(logged: Iterable[str], told: Iterable[str], spellings: Spellings) -> dict[str, str]:
    """Return one name for all names of a model, the logs' own where they have one."""
    names = [*sorted(logged, key=lambda name: (len(name), name)), *sorted(told)]
    owner: dict[str, str] = {}
    chosen: dict[str, str] = {}
    for name in dict.fromkeys(names):
        known = {owner[one] for one in spellings.get(name, (name,)) if one in owner}
        first = next((one for one in dict.fromkeys(chosen.values()) if one in known), name)
        chosen[name] = first
        for spelling in spellings.get(name, (name,)):
            owner[spelling] = first
        for other in known - {first}:
            chosen = {key: first if one == other else one for key, one in chosen.items()}
            owner = {key: first if one == other else one for key, one in owner.items()}
    return chosen


class _Side:
    """One report and what of the logs it is about."""

    def __init__(self, report: Report, names: Mapping[str, str], mode: CostMode) -> None:
        self.report, self.names, self.mode = report, names, mode
        self.buckets: Told = defaultdict(list)
        self.told: defaultdict[int, set[str]] = defaultdict(set)
        for bucket in report.buckets:
            day, model = bucket.begin_ms // DAY_MS, names[bucket.model]
            self.buckets[day, model].append(bucket)
            self.told[day].add(model)
        self.models = {model for _, model in self.buckets} or BARE.get(report.report, set())
        self.empty = _known(report)
        self.earlier = self._by_model(report.earlier)
        self.later = self._by_model(report.later)

    def of_day(
        self, day: int, cells: Sequence[Cell], used: set[tuple[str | int, ...]]
    ) -> Iterator[Pair]:
        """Yield what is compared on a day of these cells, and note which of them that takes."""
        if not self.report.first_ms // DAY_MS <= day <= self.report.told_ms // DAY_MS:
            return
        told = self.told[day]
        is_whole = (self.models if self._is_gateway or not told else told) == {""}
        logged: defaultdict[str, list[Cell]] = defaultdict(list)
        for cell in cells:
            if self._is_about(cell):
                logged["" if is_whole else self._name(cell)].append(cell)
                used.add(cell.group)
        for model in sorted({*told, *logged}):
            yield self._pair(day, model, logged[model])

    @property
    def _is_gateway(self) -> bool:
        return self.report.kind not in PROVIDERS

    def _is_about(self, cell: Cell) -> bool:
        source, provider = cell.group[1:3]
        if tool := OF_TOOL.get(self.report.report):
            return source == tool
        if self._is_gateway:
            return self.models == {""} or self._name(cell) in self.models
        seller = PROVIDERS[self.report.kind]
        return provider == seller or (not provider and self._name(cell) in self.models)

    def _name(self, cell: Cell) -> str:
        return self.names.get(str(cell.group[3]), str(cell.group[3]))

    def _by_model(self, cells: Iterable[Cell]) -> dict[tuple[int, str], list[Usage]]:
        found: defaultdict[tuple[int, str], list[Usage]] = defaultdict(list)
        for cell in cells:
            if self._is_about(cell):
                for model in (self._name(cell), ""):
                    found[int(cell.group[0]), model].append(cell.usage)
        return found

    def _pair(self, day: int, model: str, cells: Sequence[Cell]) -> Pair:
        usage = total(cell.usage for cell in cells)
        buckets = self.buckets.get((day, model), [])
        logs, says = self._figures(usage), _said(buckets) if buckets else self.empty
        gap = Figures(
            *(None if b is None else b - (a or 0) for a, b in zip(logs, says, strict=True))
        )
        keys, logged_keys = self._owners("key", KEY, buckets, cells, gap)
        users, logged_users = self._owners("user", USER, buckets, cells, gap)
        return Pair(
            *(self.report.endpoint, self.report.report, day, model, logs, says, gap),
            logged_as=tuple(sorted({str(cell.group[3]) for cell in cells})),
            told_as=tuple(sorted({bucket.model for bucket in buckets})),
            keys=keys,
            users=users,
            logged_keys=logged_keys,
            logged_users=logged_users,
            lower_bound=usage.lower_bound,
            unpriced=usage.missing(self.mode),
            earlier=self._figures(total(self.earlier.get((day, model), ()))),
            later=self._figures(total(self.later.get((day, model), ()))),
        )

    def _owners(
        self,
        name: str,
        place: int,
        buckets: Sequence[Bucket],
        cells: Sequence[Cell],
        compared: Figures,
    ) -> tuple[Named, Named]:
        """Return the keys or users of a report, and of the logs.

        Ids that a provider gives are no names that a gateway has given.
        """
        told = _amounts(
            ((getattr(one, name), _said([one])) for one in buckets if getattr(one, name)), compared
        )
        logged = _amounts(
            ((str(cell.group[place]), self._figures(cell.usage)) for cell in cells), compared
        )
        is_known = {one for one, _ in told} & {one for one, _ in logged}
        return told, logged if self._is_gateway or is_known else ()

    def _figures(self, usage: Usage) -> Figures:
        counts = (usage.requests, usage.input, usage.cache_read, usage.cache_write, usage.output)
        return Figures(*counts, usage.cost_nano(self.mode))


def _known(report: Report) -> Figures:
    """Return what a report says of a day that it has nothing for: 0 of what it ever tells."""
    if report.buckets:
        told = _said(report.buckets)
        return Figures(*(None if count is None else 0 for count in told))
    return Figures(cost_nano=0) if report.report == "cost" else Figures(None, 0, 0, 0, 0)


def _said(buckets: Iterable[Bucket]) -> Figures:
    return _sums(
        Figures(
            bucket.requests,
            bucket.input,
            bucket.cache_read,
            _either(bucket.cache_write_5m, bucket.cache_write_1h),
            bucket.output,
            bucket.cost_nano,
        )
        for bucket in buckets
    )


def _either(one: int | None, other: int | None) -> int | None:
    return (one or 0) + (other or 0) if one is not None or other is not None else None


def _sums(figures: Iterable[Figures]) -> Figures:
    """Return sums of what is known of each."""
    columns = zip(*figures, strict=True)
    known = ([count for count in column if count is not None] for column in columns)
    return Figures(*(sum(counts) if counts else None for counts in known))


def added(figures: Iterable[Figures]) -> Figures:
    """Return sums of what all of them tell."""
    columns = list(zip(*figures, strict=True))
    return Figures(*(None if None in column else sum(column) for column in columns))


def _amounts(named: Iterable[tuple[str, Figures]], compared: Figures) -> Named:
    """Return what each name used of what is compared, the one that used most first."""
    is_money = compared.tokens is None
    found: defaultdict[str, int] = defaultdict(int)
    for name, figures in named:
        known = zip(figures, compared, strict=True)
        of = Figures(*(None if gap is None else count for count, gap in known))
        found[name] += of.amount(is_money=is_money) or 0
    return tuple(sorted(found.items(), key=lambda item: (-item[1], item[0])))
