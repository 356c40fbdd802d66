"""The costs screen as records for a file: exact numbers, one for each line of the table."""

from __future__ import annotations

from tokwatch.analysis.calendar import date_of, instant
from tokwatch.model.facets import TIMES, Amount, Facet, Value
from tokwatch.model.stored import EventFact
from tokwatch.model.usage import CostMode
from tokwatch.pages.costs import CostsPage
from tokwatch.ui.export import Record, dollars
from tokwatch.ui.facet_words import value_name


def records(page: CostsPage, mode: CostMode) -> list[Record]:
    """Return what the table lists: requests, or lines with a record for each of their cells."""
    if page.events is not None:
        return [_request(event, mode) for event in page.events]
    table = page.table
    found: list[Record] = []
    for line in table.lines:
        row = {str(table.rows): exact_value(table.rows, line.value)}
        before = None if line.before is None else dollars(line.before.nano)
        whole = row | ({str(table.columns): None} if table.columns else {})
        found.append(whole | _amount(line.amount) | {"cost_before_usd": before})
        if table.columns is None:
            continue
        for value, amount in zip(table.values, line.cells, strict=True):
            if amount.requests:
                column = {str(table.columns): exact_value(table.columns, value)}
                found.append(row | column | _amount(amount) | {"cost_before_usd": None})
    return found


def exact_value(facet: Facet, value: Value) -> object:
    """Return a value whole: a day as a date, an hour as its number, a name as its log has it."""
    if facet is Facet.DAY:
        return date_of(int(value)).isoformat()
    return value if facet not in TIMES or facet is Facet.HOUR else value_name(facet, value)


def _amount(amount: Amount) -> Record:
    return {
        "cost_usd": dollars(amount.nano),
        "requests": amount.requests,
        "input_tokens": amount.input,
        "cache_read_tokens": amount.cache_read,
        "cache_write_tokens": amount.cache_write,
        "output_tokens": amount.output,
        "unpriced_tokens": amount.missing,
        "lower_bound_requests": amount.lower_bound,
        "derived_requests": amount.derived,
    }


def _request(event: EventFact, mode: CostMode) -> Record:
    usage = event.usage
    return {
        "time": instant(event.instant_ms).isoformat(),
        "key": f"{event.key:x}",
        **{
            "api_key" if name == "key" else name: value
            for name, value in event.scope._asdict().items()
        },
        "provider": event.model.provider,
        "model": event.model.name,
        "tier": event.model.tier,
        "cost_usd": dollars(usage.cost_nano(mode)),
        "requests": usage.requests,
        "input_tokens": usage.input,
        "cache_read_tokens": usage.cache_read,
        "cache_write_5m_tokens": usage.cache_write_5m,
        "cache_write_1h_tokens": usage.cache_write_1h,
        "output_tokens": usage.output,
        "reasoning_tokens": usage.reasoning,
        "unpriced_tokens": usage.missing(mode),
        "log": event.path,
        "offset": event.offset,
    }
