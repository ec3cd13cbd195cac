// purpose: Count users, items, entities, events, facts and batches, from the count store.
// mode: read
// params: none
// columns: users: INTEGER, items: INTEGER, entities: INTEGER, events: INTEGER, facts: INTEGER,
//   batches: INTEGER
// complexity: constant

// Facts have as many types as the files name, so they are what is left without the engine's own.
RETURN COUNT { (:User) } AS users,
       COUNT { (:Item) } AS items,
       COUNT { (:Entity) } AS entities,
       COUNT { ()-[:INTERACTED]->() } AS events,
       COUNT { ()-->() } - COUNT { ()-[:INTERACTED]->() } - COUNT { ()-[:DISLIKES]->() }
         - COUNT { (:Serving)-->() } - COUNT { ()-[:ALIAS_OF]->() }
         - COUNT { ()-[:CO_OCCURRED]->() } - COUNT { ()-[:FOLLOWED_BY]->() }
         - COUNT { ()-[:SIMILAR]->() } - COUNT { (:Generation)-[:RANKS_BY]->() }
         - COUNT { (:Generation)-[:ENCODES_BY]->() }
         - COUNT { ()-[:WAS_SHOWN]->() } AS facts,
       COUNT { (:Batch) } AS batches
