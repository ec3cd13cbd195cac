"""Connections: open the graph and the registry that the settings name."""
