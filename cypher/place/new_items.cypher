// purpose: Tell which of some items have no vector that the generation in service learned, and what
//   facts and attributes they have. No row: none of them, or what is in service has no vectors.
// mode: read
// params: ids: LIST<STRING>
// columns: id: STRING, generation: INTEGER, scoring: STRING, scale: FLOAT, items: INTEGER,
//   facts: LIST<LIST<STRING>>, attributes: MAP
// complexity: a look-up for each item, and its facts
MATCH (:Serving {name: 'default'})-[:USES]->(g:Generation)
WHERE g.plain IS NULL AND g.edges IS NULL
WITH g.number AS generation, g.scoring AS scoring, g.score_scale AS scale, g.item_vectors AS items,
     'embedding_g' + toString(g.number) AS property
UNWIND $ids AS id
MATCH (item:Item {id: id})
WHERE item[property] IS NULL OR item.embedding_guess = generation
RETURN item.id AS id, generation, scoring, scale, items,
       [(item)-[fact]->(entity:Entity) | [type(fact), entity.key]] AS facts,
       properties(item) AS attributes
