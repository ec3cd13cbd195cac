"""A recommendation engine whose memory is a Neo4j graph."""

__version__ = "0.1.0"

__all__ = ["__version__"]
