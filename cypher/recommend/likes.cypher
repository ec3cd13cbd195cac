// purpose: Recommend to somebody new by a few items they like; one row. Their vector is the mean of
//   the items' vectors, of unit length; the score is the cosine.
// mode: read
// params: items: LIST<STRING> of Item, user: STRING = null
// complexity: one index look-up; with whole one pass over the catalogue
// part: part/serving_generation
OPTIONAL MATCH (u:User {id: $user})
WITH g, u, 'embedding_g' + toString(g.number) AS property, g.scoring = 'dot' AS dot,
     'item_embedding_g' + toString(g.number) AS index,
     g.over_fetch + $k + size($items) + COUNT { (u)-[:INTERACTED]->() } AS wanted
CALL (property) {
  UNWIND $items AS id
  MATCH (liked:Item {id: id})
  WITH DISTINCT property, liked
  RETURN collect(liked) AS liked, collect(liked[property]) AS vectors
}
WITH *, CASE WHEN $whole THEN 0 WHEN wanted > 2000 THEN 2000 ELSE wanted END AS fetch,
     [n IN range(0, size(coalesce(vectors[0], [])) - 1)
       // The last number of a reduced dot product is no taste, but the length of the item.
       | CASE WHEN dot AND n = size(vectors[0]) - 1 THEN 0.0
         ELSE reduce(s = 0.0, vector IN vectors | s + vector[n]) END] AS sum
WITH *, CASE WHEN reduce(s = 0.0, x IN sum | s + x * x) > 0 THEN sum END AS vector
// part: part/nearest_items
WITH $user AS subject, null AS name, u IS NOT NULL AS known, g.number AS generation,
     CASE WHEN g IS NULL THEN 'nothing-published' WHEN g.edges IS NOT NULL THEN 'filter-only'
       WHEN g.plain IS NOT NULL THEN 'plain' WHEN vector IS NULL THEN 'no-embedding'
       ELSE 'likes' END AS basis,
     u, [one IN nearest WHERE NOT one[0] IN liked | {item: one[0], near: one[1]}] AS found,
     CASE WHEN vector IS NULL THEN null ELSE {
       vectors: [vector], weights: [1.0], details: [{}],
       property: property, source: 'likes', stretch: 1.0, popularity: 0.0, without: liked
     } END AS probe
// part: part/best_of_all
RETURN subject, name, known, generation, basis,
       [item IN items | item {.id, .name, .score, .source}] AS items
