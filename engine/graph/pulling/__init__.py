"""The graph, or a part of it, as arrays."""
