"""Plain values: ids, events, vocabularies, interactions, splits. Knows no database and no torch."""
