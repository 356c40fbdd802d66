"""Answers from stored facts and a moment: pure functions, no clock, no I/O."""
