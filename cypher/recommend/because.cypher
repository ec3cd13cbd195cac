// purpose: Recommend to a user what is most like the items used last; one row. An item scores the
//   highest of cosine * 0.5 ^ (age / half-life) over the user's newest items; because is that one.
//   Ages are taken against the user's newest event, the half-life is that of the generation.
// mode: read
// params: user: STRING of User, last: INTEGER = 5 in 1..50
// complexity: the user's events, and an index look-up for each of the newest items; with whole one
//   pass over the catalogue
// part: part/serving_generation
OPTIONAL MATCH (u:User {id: $user})
WITH g, u, 'embedding_g' + toString(g.number) AS property,
     'item_embedding_g' + toString(g.number) AS index, 86400000.0 * g.half_life_days AS half_life,
     g.kinds AS kinds, g.kind_weights AS kind_weights,
     CASE WHEN $whole THEN 0 WHEN g.over_fetch + $k > 1000 THEN 1000 ELSE g.over_fetch + $k END AS fetch
CALL (u, property, half_life, kinds, kind_weights) {
  MATCH (u)-[event:INTERACTED]->(own:Item)
  WHERE own[property] IS NOT NULL AND 0 <
    // part: part/kind_weight
  WITH own, max(event.at) AS at
  ORDER BY coalesce(at, 0) DESC, own.id LIMIT $last
  // Without a grouping key, so that a user without such items has a row too.
  WITH collect({item: own, at: at}) AS owns
  RETURN [one IN owns | {item: one.item,
    weight: coalesce(2.0 ^ ((one.at - owns[0].at) / half_life), 1.0),
    detail: {because: one.item.id, because_name: coalesce(one.item.name, one.item.title)}}] AS owns
}
CALL (owns, property, index, fetch) {
  UNWIND owns AS own
  WITH own, own.item[property] AS vector, index, fetch
  // part: part/nearest_items
  UNWIND nearest AS one
  WITH own, one[0] AS item, own.weight * one[1] AS score
  WHERE own.item <> item
  ORDER BY score DESC, own.detail.because
  WITH item, collect({score: score, detail: own.detail})[0] AS best
  RETURN collect({item: item, score: best.score, detail: best.detail}) AS found
}
WITH $user AS subject, null AS name, u IS NOT NULL AS known, g.number AS generation,
     CASE WHEN g IS NULL THEN 'nothing-published' WHEN size(owns) > 0 THEN 'because'
       ELSE 'no-embedding' END AS basis,
     u, found, CASE WHEN size(owns) = 0 THEN null ELSE {
       vectors: [own IN owns | own.item[property]], weights: [own IN owns | own.weight],
       details: [own IN owns | own.detail], property: property, source: 'because',
       stretch: 1.0, popularity: 0.0, without: []
     } END AS probe
// part: part/best_of_all
RETURN subject, name, known, generation, basis,
       [item IN items | item {.id, .name, .score, .source, because: item.detail.because,
         because_name: item.detail.because_name}] AS items
