// purpose: Give, for some new items, the vectors of the generation of those learned items that are
//   nearest by a vector that a user brought, from its index.
// mode: read
// params: ids: LIST<STRING>, brought: STRING, index_name: STRING, fetch: INTEGER, property: STRING,
//   generation: INTEGER, most: INTEGER
// columns: id: STRING, vectors: LIST<LIST<FLOAT>>, cosines: LIST<FLOAT>
// complexity: an index look-up for each of the items
UNWIND $ids AS id
MATCH (new:Item {id: id})
WITH new, new[$brought] AS vector, $index_name AS index, $fetch AS fetch
WHERE any(one IN vector WHERE one <> 0)
// part: part/nearest_items
WITH new, [one IN nearest
  WHERE one[0] <> new AND one[1] > 0 AND one[0][$property] IS NOT NULL
    AND coalesce(one[0].embedding_guess, 0) <> $generation
  ][0..$most] AS near
RETURN new.id AS id, [one IN near | one[0][$property]] AS vectors, [one IN near | one[1]] AS cosines
