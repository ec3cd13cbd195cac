"""Experiments on users: who gets which variant, and what the numbers say. No database."""
