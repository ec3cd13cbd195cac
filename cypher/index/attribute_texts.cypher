// purpose: Count the items that have an attribute, and those of them whose value is one text: what
//   an index can look at.
// mode: read
// params: attributes: LIST<STRING>
// columns: attribute: STRING, items: INTEGER, texts: INTEGER
// complexity: one pass over the items for each attribute
UNWIND $attributes AS attribute
CALL (attribute) {
  MATCH (item:Item)
  WHERE item[attribute] IS NOT NULL
  RETURN count(item) AS items,
         sum(CASE WHEN valueType(item[attribute]) STARTS WITH 'STRING' THEN 1 ELSE 0 END) AS texts
}
RETURN attribute, items, texts
