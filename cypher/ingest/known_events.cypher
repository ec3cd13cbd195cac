// purpose: Return which of these event keys are in the graph, with their content.
// mode: read
// params: keys: LIST<INTEGER>
// columns: key: INTEGER, user: STRING, item: STRING, event: STRING, at: INTEGER, weight: FLOAT,
//   basket: STRING
// complexity: one index lookup per key, and another one where anybody dislikes anything
// The hint matters: a plan made on the empty graph of a first load would scan and be kept.
UNWIND $keys AS key
MATCH (u)-[r:INTERACTED {key: key}]->(i)
USING INDEX r:INTERACTED(key)
RETURN r.key AS key, u.id AS user, i.id AS item, r.event AS event, r.at AS at, r.weight AS weight,
       r.basket AS basket
UNION ALL
UNWIND CASE WHEN COUNT { ()-[:DISLIKES]->() } > 0 THEN $keys ELSE [] END AS key
MATCH (u)-[r:DISLIKES {key: key}]->(i)
USING INDEX r:DISLIKES(key)
RETURN r.key AS key, u.id AS user, i.id AS item, r.event AS event, r.at AS at, r.weight AS weight,
       r.basket AS basket
