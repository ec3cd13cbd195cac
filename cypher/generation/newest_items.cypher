// purpose: The newest items of users that have a vector of a generation, newest first; no row for who
//   is not known, and none where the generation makes users' vectors by something else: a restored
//   graph may have another one of this number. As in training, of one moment the greatest id comes
//   first, and what weighs nothing by its kind or is disliked does not count.
// mode: read
// params: users: LIST<STRING>, generation: INTEGER, encoder: STRING, length: INTEGER in 1..1000,
//   least_weight: FLOAT = null, until: INTEGER = null
// columns: user: STRING, items: LIST<STRING>, at: LIST<INTEGER>, vectors: LIST<LIST<FLOAT>>
// complexity: the events of the users
MATCH (g:Generation {number: $generation})-[:ENCODES_BY]->(:UserEncoder {sha256: $encoder})
WITH 'embedding_g' + toString($generation) AS property, g.kinds AS kinds,
     g.kind_weights AS kind_weights
UNWIND $users AS id
MATCH (u:User {id: id})
CALL (u, property, kinds, kind_weights) {
  WITH u, property, kinds, kind_weights, $until AS until
  WITH *,
       // part: part/disliked_items
       AS disliked
  MATCH (u)-[event:INTERACTED]->(item:Item)
  WHERE event.at IS NOT NULL AND coalesce(event.at <= until, true) AND item[property] IS NOT NULL
    AND NOT item IN disliked
  WITH event, item,
       // part: part/kind_weight
       AS factor
  WHERE factor > 0
    AND ($least_weight IS NULL OR factor * coalesce(event.weight, 1.0) >= $least_weight)
  WITH event, item
  ORDER BY event.at DESC, item.id DESC LIMIT $length
  RETURN collect(item) AS items, collect(event.at) AS at
}
RETURN u.id AS user, [item IN items | item.id] AS items, at,
       [item IN items | item[property]] AS vectors
