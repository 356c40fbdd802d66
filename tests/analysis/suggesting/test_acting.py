"""Which settings go with a suggestion."""

from __future__ import annotations

from msgspec.structs import replace

from tests.analysis.suggesting.test_proof import ONE
from tokwatch.analysis.suggesting.acting import setting_of, text_of
from tokwatch.model.suggestion import Suggestion


def told(kind: str, subject: str) -> Suggestion:
    return replace(ONE, kind=kind, subject=subject)


def test_a_cheaper_model_can_be_declined_for_good() -> None:
    setting = setting_of(told("cheaper-model", "project /code/my shop · opus"))

    assert setting is not None
    assert setting.path == ("suggestions", "pins", "my-shop")
    assert setting.values == (("quality", "critical"), ("project", "/code/my shop"))


def test_a_weak_cache_becomes_a_goal() -> None:
    setting = setting_of(told("low-cache-rate", "model glm · claude-code"))

    assert setting is not None
    assert setting.path == ("goal", "cache-glm")
    assert dict(setting.values) == {"measure": "cache_hit_rate", "target": 0.4, "model": "glm"}


def test_a_cache_that_breaks_is_asked_for_more() -> None:
    setting = setting_of(told("changing-prefix", "project /code/shop"))

    assert setting is not None
    assert dict(setting.values)["target"] == 0.9


def test_nothing_goes_with_the_others() -> None:
    assert setting_of(told("tool-loop", "project /code/shop")) is None


def test_a_template_and_memory_files_are_texts_of_their_own() -> None:
    assert text_of(told("long-template", "text 0badcafe")) == "text 0badcafe"
    assert text_of(told("large-memory", "project /code/shop")) == "memory"
    assert text_of(told("compact-earlier", "project /code/shop")) == ""
