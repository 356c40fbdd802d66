"""Endpoints that tell usage: the polite poller, and one file for each kind.

Nothing here opens the store or a log; `net` is the only way out.
"""
