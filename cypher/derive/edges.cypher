// purpose: Export the edges between items that are there: a record for each page of items, each
//   column a list; 0 where an edge has no such property.
// mode: read
// params: pages: LIST<LIST<INTEGER>>
// columns: item: LIST<INTEGER>, other: LIST<INTEGER>, score: LIST<FLOAT>, count: LIST<INTEGER>,
//   from_baskets: LIST<INTEGER>, to_baskets: LIST<INTEGER>, generation: LIST<INTEGER>
// idents: relation
// complexity: one pass over the edges; the server holds those of one page at a time
UNWIND $pages AS page
CALL (page) {
  UNWIND page AS node
  MATCH (item:Item) WHERE id(item) = node
  MATCH (item)-[edge:`$relation`]->(other:Item)
  RETURN collect(node) AS item,
         collect(id(other)) AS other,
         collect(coalesce(edge.score, 0.0)) AS score,
         collect(coalesce(edge.count, 0)) AS count,
         collect(coalesce(edge.from_baskets, 0)) AS from_baskets,
         collect(coalesce(edge.to_baskets, 0)) AS to_baskets,
         collect(coalesce(edge.generation, 0)) AS generation
}
RETURN item, other, score, count, from_baskets, to_baskets, generation
