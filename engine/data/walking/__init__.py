"""Random walks over a graph in memory."""
