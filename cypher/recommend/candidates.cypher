// purpose: What the graph tells of users and of the items that could be recommended to them, at one
//   moment: every event of theirs up to it, the candidates that may be shown with the score of each
//   source, and the statistics of all these items. One text makes the rows a ranker learns from and
//   those it serves by: as_of is the moment, and nothing after it is read; without one it is that of
//   the newest event. engine/ranking makes the features from what this returns.
// mode: read
// params: users: LIST<STRING>, as_of: INTEGER = null, generation: INTEGER, most: INTEGER = 100
// columns: subject: STRING, known: BOOLEAN, generation: INTEGER, as_of: INTEGER,
//   item: LIST<INTEGER>, at: LIST<INTEGER>, basket: LIST<STRING>, candidates: LIST<LIST<ANY>>,
//   items: LIST<LIST<ANY>>
// complexity: the users' events, one index look-up, the lists of the items of the last basket
OPTIONAL MATCH (:Serving {name: 'default'})-[:USES]->(serving:Generation)
MATCH (g:Generation {number: $generation})
// For the past any generation may be asked that has seen nothing after it; now only the one in service.
WHERE $as_of IS NOT NULL OR g = serving
CALL () {
  OPTIONAL MATCH ()-[event:INTERACTED]->()
  WHERE $as_of IS NULL AND event.at IS NOT NULL
  RETURN coalesce($as_of, event.at, 0) AS as_of
  ORDER BY event.at DESC LIMIT 1
}
WITH g, as_of, toString(g.number) AS number
WITH g, as_of, 'embedding_g' + number AS property, 'item_embedding_g' + number AS index,
     'statistics_g' + number AS statistics, 'together_g' + number AS together, 'next_g' + number AS following
UNWIND $users AS subject
OPTIONAL MATCH (u:User {id: subject})
WITH *, u[property] AS vector, $most AS fetch
CALL (u, as_of) {
  MATCH (u)-[event:INTERACTED]->(item:Item)
  WHERE coalesce(event.at, 0) <= as_of
  WITH item, event, coalesce(event.at, 0) AS at
  RETURN collect(id(item)) AS item, collect(at) AS at, collect(event.basket) AS basket,
         collect(DISTINCT item) AS own, max([at, event.basket]) AS last
}
// part: part/nearest_items
CALL (u, own, nearest, last, at, basket, item, together, following, g, property, vector, statistics) {
  CALL (u, own, nearest, last, at, basket, item, together, following, g, property) {
    UNWIND own AS one
    RETURN one AS node, 0 AS source, null AS score
    UNION ALL
    UNWIND nearest AS one
    RETURN one[0] AS node, 1 AS source, one[1] AS score
    UNION ALL
    UNWIND [n IN range(0, size(item) - 1) WHERE basket[n] = last[1] | item[n]] AS bought
    MATCH (from:Item) WHERE id(from) = bought
    WITH from[together] AS ids
    UNWIND ids AS one
    WITH one, count(*) AS score ORDER BY score DESC LIMIT 60
    MATCH (node:Item {id: one})
    RETURN node, 3 AS source, score
    UNION ALL
    UNWIND range(0, size(g.popular[0..100]) - 1) AS n
    MATCH (node:Item {id: g.popular[n]})
    RETURN node, 5 AS source, g.popular_events[n] AS score
  }
  WITH node, collect([source, score]) AS sources, vector, property, statistics
  RETURN collect([id(node), node.id, node.name, sources, vector.similarity.cosine(vector, node[property]), node[statistics]]) AS candidates
}
RETURN subject, u IS NOT NULL AS known, g.number AS generation, as_of, item, at, basket, candidates
