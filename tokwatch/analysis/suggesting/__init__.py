"""Analysers that look for savings, each pure, and how their findings are weighed."""
