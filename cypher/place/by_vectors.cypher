// purpose: Give, for some new items, the vectors of the generation of those learned items that are
//   nearest by a vector that a user brought. Of many learned items every so many-th is looked at.
// mode: read
// params: ids: LIST<STRING>, brought: STRING, width: INTEGER, property: STRING, generation: INTEGER,
//   most: INTEGER, stride: INTEGER
// columns: id: STRING, vectors: LIST<LIST<FLOAT>>, cosines: LIST<FLOAT>
// complexity: for each of the items one pass over the catalogue, one vector in every stride compared
UNWIND $ids AS id
MATCH (new:Item {id: id})
WITH new, new[$brought] AS own
// By CASE, as of conditions the planner may test any first, and a boolean has no size.
WITH new, CASE WHEN valueType(own) STARTS WITH 'LIST<FLOAT' THEN own END AS own
WHERE size(own) = $width AND any(one IN own WHERE one <> 0)
CALL (new, own) {
  MATCH (other:Item)
  WHERE id(other) % $stride = 0 AND other <> new AND other[$property] IS NOT NULL
    AND coalesce(other.embedding_guess, 0) <> $generation
  WITH other, own, other[$brought] AS theirs
  WITH other, own, CASE WHEN valueType(theirs) STARTS WITH 'LIST<FLOAT' THEN theirs END AS theirs
  WHERE size(theirs) = $width AND any(one IN theirs WHERE one <> 0)
  WITH other, vector.similarity.cosine(own, theirs) AS near
  // Half is a cosine of nought: no likeness.
  WHERE near > 0.5
  ORDER BY near DESC, other.id
  LIMIT $most
  RETURN collect(other[$property]) AS vectors, collect(2.0 * near - 1.0) AS cosines
}
RETURN new.id AS id, vectors, cosines
