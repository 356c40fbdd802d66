"""Reads what a Codex rollout's requests are made of; docs/detail.md has the rules.

An answer's items come before the record of its usage: they learn their request from it.
"""

from __future__ import annotations
