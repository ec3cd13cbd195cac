// purpose: Return the popular items of the generation in service with what filters look at, so that
//   a list can be made of them while no server answers. One row, or none: nothing is published.
// mode: read
// params: none
// columns: generation: INTEGER, items: LIST<MAP>
// complexity: the thousand most popular items, and at most a hundred and one facts of each
MATCH (:Serving {name: 'default'})-[:USES]->(g:Generation)
WITH g.number AS generation, g.popular AS popular, g.popular_events AS events, g.popular_scores AS scores,
     // The score of somebody unknown in recommend/for_users.
     CASE g.popularity_weight WHEN 0 THEN 1.0 ELSE g.popularity_weight END AS weight,
     1.0 * g.max_events AS top
CALL (popular, events, scores, weight, top) {
  UNWIND range(0, size(popular) - 1) AS n
  MATCH (item:Item {id: popular[n]})
  WHERE NOT coalesce(item.hidden, false)
  WITH item, events[n] AS count, weight * coalesce(scores[n], (events[n] / top) ^ (1.0 / 3)) AS score
  CALL (item) {
    MATCH (item)-->(entity:Entity)
    WITH entity.key AS key LIMIT 101
    RETURN collect(key) AS facts
  }
  WITH item, count, score, facts
  ORDER BY score DESC, item.id
  RETURN collect({
    id: item.id,
    name: coalesce(item.name, item.title),
    score: score,
    events: count,
    // Null: too many to be held, so none of the rules about facts can be decided.
    facts: CASE WHEN size(facts) > 100 THEN null ELSE facts END,
    expires_at: item.expires_at,
    // Vectors apart: they are long, and no filter may name them.
    attributes: [name IN keys(item) WHERE NOT name STARTS WITH 'embedding_g'
        AND NOT valueType(item[name]) STARTS WITH 'LIST<FLOAT' | {
      name: name,
      values: CASE WHEN valueType(item[name]) STARTS WITH 'LIST'
        THEN [value IN item[name] | toString(value)]
        ELSE [toStringOrNull(item[name])] END
    }]
  }) AS items
}
RETURN generation, items
