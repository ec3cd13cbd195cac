"""The training loop and what feeds it. Never reaches the store."""
