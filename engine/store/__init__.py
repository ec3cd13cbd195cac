"""The only package that knows a database: driver, server, Cypher catalogue, schema, registry."""

from engine.optional_dependencies import hidden

with hidden("pandas", "pyarrow"):
    import neo4j  # noqa: F401 what is imported once is not imported again, with or without them
