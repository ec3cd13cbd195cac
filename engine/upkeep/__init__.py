"""Upkeep: what is wrong with graph, registry and home, and what of them can go."""
