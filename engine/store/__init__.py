"""The only package that knows a database: driver, local server, Cypher catalogue, schema, registry."""
