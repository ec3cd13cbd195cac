// purpose: What an event counts by its kind: as [events] of engine.toml had it when the generation was
//   published, 1 where it had nothing. An event of a kind with 0 counts nowhere, and nothing is
//   learned of it. engine/data/kind_weights.py is the same in NumPy.
// given: event: RELATIONSHIP, kinds: LIST<STRING> or null, kind_weights: LIST<FLOAT> or null
// gives: FLOAT, 0 or more
// params: none
CASE WHEN kinds IS NULL THEN 1.0 ELSE coalesce([n IN range(0, size(kinds) - 1)
  WHERE kinds[n] = event.event | kind_weights[n]][0], 1.0) END
