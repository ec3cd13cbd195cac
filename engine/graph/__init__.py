"""Typed verbs over the Cypher catalogue; no SQL, no torch."""
