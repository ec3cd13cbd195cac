// purpose: Tell of some items which may be shown to a user, and what arranges them: how many events
//   each has, its values of some traits (attributes, or types of entity), its vector where wanted.
// mode: read
// params: ids: LIST<STRING>, user: STRING = null, traits: LIST<STRING> = [],
//   vectors: BOOLEAN = false, generation: INTEGER = null
// columns: id: STRING, name: STRING, events: INTEGER, traits: LIST<LIST<STRING>>, vector: LIST<FLOAT>
// complexity: a look-up for each item, and its facts where a trait is no attribute of it
OPTIONAL MATCH (u:User {id: $user})
// part: part/withheld
OPTIONAL MATCH (:Serving {name: 'default'})-[:USES]->(g:Generation)
WITH u, withheld, CASE WHEN $vectors THEN 'embedding_g' + toString(coalesce($generation, g.number)) END
  AS property
UNWIND $ids AS id
MATCH (item:Item {id: id})
WITH u, withheld, property, item, null AS seen
WHERE
  // part: part/may_be_shown
RETURN item.id AS id, coalesce(item.name, item.title) AS name,
       COUNT { (item)<-[:INTERACTED]-() } AS events,
       [trait IN $traits | CASE
         WHEN item[trait] IS NULL
           THEN [(item)-->(entity:Entity) WHERE trait IN labels(entity) | entity.id]
         WHEN valueType(item[trait]) STARTS WITH 'LIST' THEN [one IN item[trait] | toString(one)]
         ELSE [toStringOrNull(item[trait])] END] AS traits,
       item[property] AS vector
