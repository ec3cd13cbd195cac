"""The graph as it is, a page at a time and in one order: what an export writes."""
