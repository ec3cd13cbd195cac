// purpose: Tell which of some items have no vector that the generation in service learned, what facts
//   and attributes they have, and which of these are vectors that a user brought, with their lengths.
//   No row: none of them, or what is in service has no vectors.
// mode: read
// params: ids: LIST<STRING>
// columns: id: STRING, generation: INTEGER, scoring: STRING, scale: FLOAT, user_mean: LIST<FLOAT>,
//   items: INTEGER, facts: LIST<LIST<STRING>>, attributes: LIST<LIST>,
//   vectors: LIST<LIST<ANY>>
// complexity: a look-up for each item, and its facts
MATCH (:Serving {name: 'default'})-[:USES]->(g:Generation)
WHERE g.plain IS NULL AND g.edges IS NULL
WITH g.number AS generation, g.scoring AS scoring, g.score_scale AS scale,
     g.user_mean AS user_mean, g.item_vectors AS items,
     'embedding_g' + toString(g.number) AS property
UNWIND $ids AS id
MATCH (item:Item {id: id})
WHERE item[property] IS NULL OR item.embedding_guess = generation
WITH *, [name IN keys(item)
  WHERE NOT name STARTS WITH 'embedding_g' AND valueType(item[name]) STARTS WITH 'LIST<FLOAT'
  | [name, size(item[name])]] AS vectors
RETURN item.id AS id, generation, scoring, scale, user_mean, items,
       [(item)-[fact]->(entity:Entity) | [type(fact), entity.key]] AS facts,
       [name IN keys(item)
         WHERE NOT name STARTS WITH 'embedding_g'
           AND NOT valueType(item[name]) STARTS WITH 'LIST<FLOAT'
         | [name, item[name]]] AS attributes,
       vectors
