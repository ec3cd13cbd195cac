// purpose: Show the items most like an item by the vectors that a user brought, such as embeddings of
//   pictures; one row. The score is the cosine, or the mean of the cosines where both have several
//   vectors; what is no vector, or one of another length or of zeros alone, says nothing.
// mode: read
// params: item: STRING of Item, user: STRING = null, among: LIST<STRING> = null
// complexity: one pass over the catalogue, every vector of the item's kinds compared; with ids to
//   choose from, those items only
OPTIONAL MATCH (u:User {id: $user})
// part: part/withheld
OPTIONAL MATCH (self:Item {id: $item})
WITH u, withheld, self, [name IN keys(self)
  WHERE NOT name STARTS WITH 'embedding_g' AND valueType(self[name]) STARTS WITH 'LIST<FLOAT'
    AND any(one IN self[name] WHERE one <> 0)
  | name] AS names
CALL (u, withheld, self, names) {
  WITH * WHERE size(names) > 0
  WITH u, self, names, properties(self) AS own
  CALL () {
    // UNWIND, as a WHERE here would be tested after the scan it is meant to spare.
    UNWIND CASE WHEN $among IS NULL THEN [1] ELSE [] END AS every
    MATCH (item:Item)
    RETURN item
    UNION ALL
    UNWIND $among AS id
    MATCH (item:Item {id: id})
    RETURN item
  }
  WITH u, self, names, own, item
  WHERE item <> self
  // Each vector is read once: by a name that is a variable it is read wherever it stands.
  WITH u, item, [name IN names | [own[name], item[name]]] AS pairs
  WITH u, item, [pair IN pairs WHERE valueType(pair[1]) STARTS WITH 'LIST<FLOAT'] AS pairs
  WITH u, item, [pair IN pairs WHERE size(pair[0]) = size(pair[1])
    AND any(one IN pair[1] WHERE one <> 0)
    | 2.0 * vector.similarity.cosine(pair[0], pair[1]) - 1.0] AS cosines
  WHERE size(cosines) > 0
  WITH u, item, reduce(sum = 0.0, one IN cosines | sum + one) / size(cosines) AS score,
       size(cosines) AS shared, null AS seen
  // part: part/best_given_withheld
  RETURN collect({
    id: item.id, name: coalesce(item.name, item.title), score: score, source: 'content',
    count: shared
  }) AS items
}
RETURN $item AS subject, coalesce(self.name, self.title) AS name, self IS NOT NULL AS known,
       null AS generation, CASE WHEN size(names) = 0 THEN 'no-vectors' ELSE 'content' END AS basis,
       items
