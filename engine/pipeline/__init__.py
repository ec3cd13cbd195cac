"""Use cases: the only place where layers meet."""
