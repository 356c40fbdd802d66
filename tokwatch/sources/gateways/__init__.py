"""Logs of gateways: what stood between an agent and its provider saw of each request.

A gateway's record is a witness. Where it names the provider's own response id, the same request in
an agent's transcript is one event with two witnesses; else it is an event of its own.
"""
