"""The database: base, engine, unit of work, repository. Only domain, bridge, bootstrap and the worker touch it."""
