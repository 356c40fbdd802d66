"""What one event adds to sums, as SQL, and the columns of roll-ups that say the same."""

from __future__ import annotations

from tokwatch.model.usage import CostMode, Usage

COST = {
    CostMode.AUTO: "coalesce(t.logged_nano, t.computed_nano, 0)",
    CostMode.CALCULATE: "coalesce(t.computed_nano, 0)",
    CostMode.DISPLAY: "coalesce(t.logged_nano, 0)",
}
PROMPT = (
    "coalesce(t.input, 0) + coalesce(t.cache_read, 0)"
    " + coalesce(t.cache_write_5m, 0) + coalesce(t.cache_write_1h, 0)"
)
TOTAL = f"{PROMPT} + coalesce(t.output, 0)"
MEASURED = (
    "t.requests",
    "coalesce(t.input, 0)",
    "coalesce(t.cache_read, 0)",
    "coalesce(t.cache_write_5m, 0)",
    "coalesce(t.cache_write_1h, 0)",
    "coalesce(t.output, 0)",
    "coalesce(t.reasoning, 0)",
    "t.web_searches",
    "coalesce(t.logged_nano, 0)",
    "coalesce(t.computed_nano, 0)",
    COST[CostMode.AUTO],
    f"CASE WHEN t.computed_nano IS NULL THEN {TOTAL} ELSE 0 END",
    f"CASE WHEN coalesce(t.computed_nano, t.logged_nano) IS NULL THEN {TOTAL} ELSE 0 END",
    "CASE WHEN t.final = 0 THEN t.requests ELSE 0 END",
    f"CASE WHEN t.cache_read IS NULL THEN {PROMPT} ELSE 0 END",
    "CASE WHEN t.grade = -1 THEN t.requests ELSE 0 END",
)
"""What one event adds to a sum, in the order of Usage's fields."""

OF_EVENT = dict(zip(Usage.__struct_fields__, MEASURED, strict=True))

CELL_COST = {
    CostMode.AUTO: "auto_nano",
    CostMode.CALCULATE: "computed_nano",
    CostMode.DISPLAY: "logged_nano",
}
"""The column of a roll-up that counts as cost."""

MISSING = {
    CostMode.AUTO: "uncosted_tokens",
    CostMode.CALCULATE: "unpriced_tokens",
    CostMode.DISPLAY: "0",
}
"""The column of tokens without the cost that counts."""

EVENT_SUMS = ", ".join(f"CAST(sum({measure}) AS BIGINT)" for measure in MEASURED)
