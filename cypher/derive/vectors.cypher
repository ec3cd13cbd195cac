// purpose: Export the vectors of some items, a record for each page of them.
// mode: read
// params: pages: LIST<LIST<INTEGER>>, property: STRING
// columns: item: LIST<INTEGER>, vector: LIST<LIST<FLOAT>>
UNWIND $pages AS page
CALL (page) {
  UNWIND page AS node
  MATCH (item:Item) WHERE id(item) = node AND item[$property] IS NOT NULL
  RETURN collect(node) AS item, collect(item[$property]) AS vector
}
RETURN item, vector
