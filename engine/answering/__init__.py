"""Answering: which lists answer a question, what explains them, and lists for everybody."""
