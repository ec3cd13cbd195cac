"""Rank the candidates of a list by a learned model: their features, the model, its reasons."""
