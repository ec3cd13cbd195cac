"""Nights: the steps of one retraining, and the gate that judges what came of it."""
