"""Keeps events, roll-ups, cursors and prices; the only package that knows SQL."""
