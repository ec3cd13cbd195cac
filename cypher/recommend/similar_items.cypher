// purpose: Show the items most like an item, by the generation in service; one row when something
//   is published. What a user has seen is left out where one is named.
// mode: read
// params: item: STRING, user: STRING = null
// complexity: one index look-up; with whole one pass over the catalogue
// part: part/serving_generation
  AND g IS NOT NULL
OPTIONAL MATCH (self:Item {id: $item})
OPTIONAL MATCH (u:User {id: $user})
WITH g, self, u, 'embedding_g' + toString(g.number) AS property,
     'item_embedding_g' + toString(g.number) AS index
WITH *, self[property] AS vector, g.over_fetch + $k + COUNT { (u)-[:INTERACTED]->() } AS wanted
WITH *, CASE WHEN $whole THEN 0 WHEN wanted > 2000 THEN 2000 ELSE wanted END AS fetch
// part: part/nearest_items
WITH $item AS subject, coalesce(self.name, self.title) AS name, self IS NOT NULL AS known,
     g.number AS generation,
     CASE WHEN g.edges IS NOT NULL THEN 'filter-only' WHEN g.plain IS NOT NULL THEN 'plain'
       WHEN vector IS NULL THEN 'new-item' ELSE 'embedding' END AS basis,
     u, [one IN nearest WHERE one[0] <> self | {item: one[0], near: one[1]}] AS found,
     CASE WHEN vector IS NULL THEN null ELSE {
       vectors: [vector], weights: [1.0], details: [{}],
       property: property, source: 'embedding', stretch: 1.0, popularity: 0.0, without: [self]
     } END AS probe
// part: part/best_of_all
RETURN subject, name, known, generation, basis,
       [item IN items | item {.id, .name, .score, .source}] AS items
