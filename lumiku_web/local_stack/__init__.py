"""The stack of `make run`: PostgreSQL, Redis and Node from wheels, the worker and the web process, under one small supervisor.

Nothing in here imports Reflex: the supervisor starts in a moment and stays small.
"""
