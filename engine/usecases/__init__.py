"""Use cases that need no room of their own."""
