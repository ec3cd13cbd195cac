// purpose: Ask the item index of a generation for what is nearest to a vector; none without one. By
//   SEARCH, which takes a literal name, and a limit that is known before the query begins: hence
//   the steps, of which the smallest that is enough is taken.
// given: vector: LIST<FLOAT> or null, fetch: INTEGER
// gives: nearest: LIST<LIST<ANY>> of an item and its cosine, best first
// params: none
// idents: index: index
CALL (vector, fetch) {
  CALL (vector, fetch) {
    WITH *
    WHERE vector IS NOT NULL AND fetch > 0 AND fetch <= 60
    MATCH (item:Item)
    SEARCH item IN (VECTOR INDEX `$index` FOR vector LIMIT 60) SCORE AS score
    RETURN item AS node, score
    UNION ALL
    WITH *
    WHERE vector IS NOT NULL AND fetch > 60 AND fetch <= 150
    MATCH (item:Item)
    SEARCH item IN (VECTOR INDEX `$index` FOR vector LIMIT 150) SCORE AS score
    RETURN item AS node, score
    UNION ALL
    WITH *
    WHERE vector IS NOT NULL AND fetch > 150 AND fetch <= 500
    MATCH (item:Item)
    SEARCH item IN (VECTOR INDEX `$index` FOR vector LIMIT 500) SCORE AS score
    RETURN item AS node, score
    UNION ALL
    WITH *
    WHERE vector IS NOT NULL AND fetch > 500
    MATCH (item:Item)
    SEARCH item IN (VECTOR INDEX `$index` FOR vector LIMIT 2000) SCORE AS score
    RETURN item AS node, score
  }
  WITH node, score
  ORDER BY score DESC
  WITH collect([node, 2.0 * score - 1.0]) AS all
  RETURN all[0..fetch] AS nearest
}
