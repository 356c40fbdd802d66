"""Simulated sessions that keep moving: real log formats in a scratch home, read as any others."""

from __future__ import annotations

from tokwatch.demo.feed import DemoFeed

__all__ = ["DemoFeed"]
