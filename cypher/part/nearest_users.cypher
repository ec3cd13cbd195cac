// purpose: Ask the user index of a generation for what is nearest to a vector; none without one.
// given: index: STRING, vector: LIST<FLOAT> or null, fetch: INTEGER
// gives: nearest: LIST<LIST<ANY>> of a user and its cosine, best first
// params: none
CALL (index, vector, fetch) {
  WITH * WHERE vector IS NOT NULL AND fetch > 0
  CALL db.index.vector.queryNodes(index, fetch, vector) YIELD node, score
  RETURN collect([node, 2.0 * score - 1.0]) AS nearest
}
