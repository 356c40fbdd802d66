"""A triage in words: what happened and why, for the screen, the command line and the incident."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from tokwatch.analysis.anomalies import LEAST_EXCESS_NANO, Anomaly
from tokwatch.analysis.calendar import instant
from tokwatch.analysis.happenings import Happening, What
from tokwatch.model.caching import Cause
from tokwatch.model.usage import Dimension, Usage
from tokwatch.pages.triage import TriagePage
from tokwatch.ui import format as fmt
from tokwatch.ui import triage_names as names
from tokwatch.words import counted

MORE: Final = {
    "request volume": "more requests",
    "tokens a request": "longer requests",
    "model mix": "dearer models",
    "output share": "more output in what was sent and got",
    "cache mix": "less of the prompt read from the cache",
    "price": "higher prices: tiers, long prompts or a changed list",
}
LESS: Final = {
    "request volume": "fewer requests",
    "tokens a request": "shorter requests",
    "model mix": "cheaper models",
    "output share": "less output in what was sent and got",
    "cache mix": "more of the prompt read from the cache",
    "price": "lower prices: tiers, shorter prompts or a changed list",
}
NOT_TRAFFIC: Final = 0.1
"""A share of the difference up to which the number of requests is not to blame."""
ALSO: Final = 0.25
"""Share of the difference from which a second cause is named."""
MUCH_TIMES: Final = 20
"""From so many times the baseline on, the changes of its figures say nothing."""
HOUR: Final = timedelta(hours=1)


def headline(page: TriagePage) -> str:
    """Return what the stretch cost against what its baseline leads to expect."""
    found, verdict = page.triage, page.triage.verdict
    places = names.places_of(verdict.nano, verdict.expected_nano)
    cost = _marked(found.after, verdict.nano, places)
    expected = fmt.money(verdict.expected_nano, places)
    if not found.after.requests and not found.before.requests:
        return "Nothing was used in A, nor in B."
    if not verdict.expected_nano:
        return f"A cost {cost}; nothing was spent in B, so there is nothing to compare it with."
    difference = names.signed(verdict.difference_nano, places)
    times = fmt.times(verdict.times or 0.0)
    if verdict.is_as_expected:
        return f"A cost {cost}, about what was expected: {expected} ({difference})."
    return f"A cost {cost}, expected {expected} ({difference}, {times})."


def _marked(usage: Usage, nano: int, places: int) -> str:
    if usage.uncosted_tokens and not nano:
        return f"nothing that is known ({fmt.count(usage.uncosted_tokens)} tokens have no price)"
    marks = ("≥" if usage.lower_bound else "") + ("~" if usage.derived else "")
    return f"{marks}{fmt.money(nano, places)}" + ("+?" if usage.uncosted_tokens else "")


def why(page: TriagePage) -> str:
    """Return the main cause and where it arose; empty where there is nothing to explain."""
    verdict = page.triage.verdict
    if verdict.is_as_expected or not verdict.expected_nano or verdict.cause is None:
        return ""
    rises = verdict.difference_nano > 0
    what = "rise" if rises else "fall"
    where = _where(page, what)
    if (verdict.times or 0.0) >= MUCH_TIMES:
        return f"Hardly anything was spent in B: nearly all of A is new. {where}"
    told = f"Why: {' and '.join(_causes(page, what))}"
    if (
        verdict.cause.cause != "request volume"
        and verdict.volume_share is not None
        and abs(verdict.volume_share) <= NOT_TRAFFIC
    ):
        told += f", not {'more' if rises else 'less'} traffic"
    return f"{told}. {where}"


def _causes(page: TriagePage, what: str) -> list[str]:
    """Return the largest cause, and the second where it matters, each with its share."""
    verdict = page.triage.verdict
    found = [(verdict.share(step.nano) or 0.0, step.cause) for step in page.triage.bridge.steps]
    told: list[str] = []
    for share, cause in sorted(found, reverse=True)[:2]:
        if told and share < ALSO:
            break
        name = (MORE if what == "rise" else LESS)[cause]
        if cause == "cache mix" and what == "rise" and _misses(page):
            name = "cache misses"
        told.append(f"{name} ({names.share_of(share)}{'' if told else f' of the {what}'})")
    return told


def _misses(page: TriagePage) -> int:
    return sum(one.count for one in page.happenings if one.what is What.CACHE_MISS)


def _where(page: TriagePage, what: str) -> str:
    driver = page.triage.verdict.driver
    if driver is None:
        sessions = sum(1 for one in page.triage.of(Dimension.SESSION) if one.requests)
        return f"Where: spread over {counted(sessions, 'session')}." if sessions else ""
    name = names.value_name(driver.dimension, driver.value)
    where = f"{names.dimension_name(driver.dimension)} {name}"
    return f"Where: {where}, {names.share_of(driver.share)} of the {what}."


def figures(page: TriagePage) -> str:
    """Return how requests, their length and their price changed, and the cache with them."""
    verdict, after, before = page.triage.verdict, page.triage.after, page.triage.before
    if verdict.requests is None:
        hits = f" · cache hits {fmt.percent(after.hit_rate)}" if after.hit_rate is not None else ""
        return f"{counted(after.requests, 'request')}, {fmt.count(after.total)} tokens{hits}" * (
            after.requests > 0
        )
    told = (
        f"Requests {names.change(verdict.requests)} · tokens a request "
        f"{names.change(verdict.tokens_a_request)} · price a token "
        f"{names.change(verdict.price_a_token)}"
    )
    rates = (before.hit_rate, after.hit_rate)
    if None not in rates:
        told += f" · cache hits {fmt.percent(rates[0])} → {fmt.percent(rates[1])} of the prompt"
    if before.cache_write and after.cache_write:
        written = after.cache_write / (before.cache_write * float(page.triage.scale))
        told += f" · cache writes {names.change(written - 1)}"
    return told


def why_flagged(one: Anomaly, zone: str) -> str:
    """Return why an anomaly was taken for one."""
    hour = instant(one.peak_ms).astimezone(fmt.zone(zone))
    when = f"around {hour:%a %H:%M}" if one.is_of_slot else "with use"
    basis = f"{counted(one.hours, 'hour')} {when}"
    reason = "their scatter" if one.is_scattered else "3×"
    if one.threshold_nano == one.usual_nano + LEAST_EXCESS_NANO:
        reason = "$1 more"
    return (
        f"Anomaly: {fmt.money(one.peak_nano)} in {hour:%H:%M}–{hour + HOUR:%H:%M} is "
        f"{fmt.times(one.times)} the usual {fmt.money(one.usual_nano)} ({basis}); "
        f"flagged from {fmt.money(one.threshold_nano)} ({reason})."
    )


def happening_words(one: Happening, zone: str) -> str:
    """Return what happened, after its time and its sort."""
    session = names.value_name(Dimension.SESSION, one.session)
    match one.what:
        case What.CACHE_MISS:
            return _miss_words(one, session, zone)
        case What.MODEL_SWITCH:
            before, after = fmt.short_model(one.before), fmt.short_model(one.name)
            return fmt.clean(f"{session} went from {before} to {after}")
        case What.NEW_SESSION:
            return f"{session} began and cost {fmt.money(one.nano or 0)} in A"
        case What.NEW_PROJECT:
            name = names.value_name(Dimension.PROJECT, one.name)
            return f"{name} was used for the first time, {fmt.money(one.nano or 0)} in A"
        case What.NEW_MODEL:
            name = names.value_name(Dimension.MODEL, one.name)
            return f"{name} was used for the first time, {fmt.money(one.nano or 0)} in A"
        case What.PRICE_CHANGE:
            was, now = (fmt.money((nano or 0) * 1000) for nano in (one.was, one.now))
            name = names.value_name(Dimension.MODEL, one.name)
            return f"{name}: input {was} → {now} a million tokens"
        case What.RETRIES:
            until = fmt.clock(instant(one.last_ms), zone)
            kinds = f" ({one.name})" if one.name else ""
            failed = counted(one.count, "error or retry", "errors and retries")
            return f"{session}: {failed} until {until}{kinds}"
        case What.COMPACTION:
            was, now = ("?" if size is None else fmt.count(size) for size in (one.was, one.now))
            return f"{session}: its context of {was} tokens became a summary, {now} tokens in all"
        case What.MEMORY_CHANGE:
            return f"{session}: a memory file changed, about {fmt.count(one.tokens)} tokens"
        case What.ALERT:
            return fmt.clean(f"{one.name} (rule {one.before})")


def _miss_words(one: Happening, session: str, zone: str) -> str:
    causes = {
        Cause.IDLE: f"idle for {max(1, one.idle_ms // 60_000)} min",
        Cause.SWITCH: "model switched",
        Cause.PREFIX: "prefix changed",
        Cause.MISSED: "missed by the provider",
        Cause.COMPACTION: "compacted",
    }
    lost = f", {fmt.money(one.nano)} lost" if one.nano else ""
    why_missed = causes.get(one.cause, "missed") if one.cause else "missed"
    if one.count == 1:
        return f"{session}: {why_missed}, {fmt.count(one.tokens)} tokens sent anew{lost}"
    until = fmt.clock(instant(one.last_ms), zone)
    return (
        f"{session}: {why_missed}, {one.count} times until {until}{lost}; "
        f"first {fmt.count(one.tokens)} tokens"
    )


def sentences(page: TriagePage, zone: str) -> list[str]:
    """Return the verdict, sentence after sentence."""
    flagged = why_flagged(page.anomaly, zone) if page.anomaly is not None else ""
    return [told for told in (headline(page), why(page), figures(page), flagged) if told]
