"""The only package that knows a database: driver, server, Cypher catalogue, schema, registry."""
