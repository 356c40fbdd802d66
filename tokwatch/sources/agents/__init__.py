"""Logs that AI coding agents leave on the machine: one module for each tool's format."""
