"""Counting tokens offline: packed ranks, incremental counts, calibration against real usage.

Nothing heavy is loaded before something is counted.
"""
