// purpose: The newest items of users that have a vector of a generation, newest first; no row for who
//   is not known, and none where the generation makes users' vectors by something else: a restored
//   graph may have another one of this number. Of one moment the greatest id comes first, as in
//   training.
// mode: read
// params: users: LIST<STRING>, generation: INTEGER, encoder: STRING, length: INTEGER in 1..1000,
//   least_weight: FLOAT = null, until: INTEGER = null
// columns: user: STRING, items: LIST<STRING>, at: LIST<INTEGER>, vectors: LIST<LIST<FLOAT>>
// complexity: the events of the users
MATCH (:Generation {number: $generation})-[:ENCODES_BY]->(:UserEncoder {sha256: $encoder})
UNWIND $users AS id
MATCH (user:User {id: id})
WITH user, 'embedding_g' + toString($generation) AS property
CALL (user, property) {
  MATCH (user)-[event:INTERACTED]->(item:Item)
  WHERE event.at IS NOT NULL AND coalesce(event.at <= $until, true) AND item[property] IS NOT NULL
    AND ($least_weight IS NULL OR coalesce(event.weight, 1.0) >= $least_weight)
  WITH event, item
  ORDER BY event.at DESC, item.id DESC LIMIT $length
  RETURN collect(item) AS items, collect(event.at) AS at
}
RETURN user.id AS user, [item IN items | item.id] AS items, at,
       [item IN items | item[property]] AS vectors
