// purpose: Ask the item index for what is nearest to a vector among the items with one of the values
//   that a filter allows: an attribute that was named when the index was made is looked at inside it.
//   The index knows exact values only, so each allowed value is asked for.
// given: vector: LIST<FLOAT> or null, fetch: INTEGER
// gives: nearest: LIST<LIST<ANY>> of an item and its cosine, best first
// params: attribute: STRING, filters: MAP = {}
// idents: index: index, attribute: property
CALL (vector, fetch) {
  CALL (vector, fetch) {
    WITH *
    WHERE vector IS NOT NULL AND fetch > 0 AND fetch <= 60
    UNWIND $filters[$attribute] AS value
    MATCH (item:Item)
    SEARCH item IN (VECTOR INDEX `$index` FOR vector WHERE item.`$attribute` = value LIMIT 60) SCORE AS score
    RETURN item AS node, score
    UNION ALL
    WITH *
    WHERE vector IS NOT NULL AND fetch > 60 AND fetch <= 150
    UNWIND $filters[$attribute] AS value
    MATCH (item:Item)
    SEARCH item IN (VECTOR INDEX `$index` FOR vector WHERE item.`$attribute` = value LIMIT 150) SCORE AS score
    RETURN item AS node, score
    UNION ALL
    WITH *
    WHERE vector IS NOT NULL AND fetch > 150 AND fetch <= 500
    UNWIND $filters[$attribute] AS value
    MATCH (item:Item)
    SEARCH item IN (VECTOR INDEX `$index` FOR vector WHERE item.`$attribute` = value LIMIT 500) SCORE AS score
    RETURN item AS node, score
    UNION ALL
    WITH *
    WHERE vector IS NOT NULL AND fetch > 500
    UNWIND $filters[$attribute] AS value
    MATCH (item:Item)
    SEARCH item IN (VECTOR INDEX `$index` FOR vector WHERE item.`$attribute` = value LIMIT 2000) SCORE AS score
    RETURN item AS node, score
  }
  WITH node, score
  ORDER BY score DESC
  WITH collect([node, 2.0 * score - 1.0]) AS all
  RETURN all[0..fetch] AS nearest
}
