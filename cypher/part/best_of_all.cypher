// purpose: Keep of a list's candidates those that may be shown, score what has no score yet, and
//   describe the k best. For a list whose formula ranks every item: with whole, all of them are
//   candidates, which is asked where too few of the nearest are left.
// given: u: NODE or null, found: LIST<MAP>, probe: MAP or null
// gives: items: LIST<MAP>
// params: k: INTEGER = 10 in 1..1000, whole: BOOLEAN = false, until: INTEGER = null
// columns: subject: STRING, name: STRING, known: BOOLEAN, generation: INTEGER, basis: STRING,
//   items: LIST<MAP>
// A candidate is {item, score, detail} or {item, near, bonus, seen}, near being a known cosine.
// The probe {vectors, weights, details, property, stretch, popularity, top, without, least, source,
// and for repeats again_weight, newest, half_life; recent, the property that is popularity}:
//   score = stretch * (highest of weight * cosine) + popularity * (events / top)^(1/3) + bonus;
//   weighed, the property that holds the events by what their kinds weigh, kinds and kind_weights;
//   least stands for the cosine of an item without a vector, null leaves such an item out.
CALL (u, found, probe) {
  // part: part/withheld
  CALL (u, withheld, found, probe) {
    CALL (u, found, probe) {
      UNWIND found AS one
      RETURN one.item AS item, one
      UNION ALL
      // Own items that compete by their repeats: not in found, which a server counts once for each
      // of the k rows that it keeps in order.
      UNWIND CASE WHEN $whole AND probe.again_weight IS NOT NULL THEN [1] ELSE [] END AS every
      WITH u, probe, probe.kinds AS kinds, probe.kind_weights AS kind_weights
      MATCH (u)-[event:INTERACTED]->(item:Item)
      WHERE coalesce(event.at <= $until, true)
      WITH probe, item,
           max(coalesce(event.at >= $seen_since, true)
             AND coalesce(event.event IN $seen_events, true)) AS seen,
           sum(CASE
             WHEN event.at IS NULL OR probe.newest IS NULL OR event.at > probe.newest THEN 1.0
             ELSE 2.0 ^ ((event.at - probe.newest) / probe.half_life) END *
             // part: part/kind_weight
           ) AS repeats
      RETURN item, {seen: seen, bonus: probe.again_weight * repeats / (1.0 + repeats)} AS one
      UNION ALL
      // UNWIND, as a WHERE here would be tested after the scan it is meant to spare.
      UNWIND CASE WHEN $whole AND probe IS NOT NULL AND $only IS NULL AND size($facts) = 0
        THEN [1] ELSE [] END AS every
      MATCH (item:Item)
      RETURN item, null AS one
      UNION ALL
      UNWIND CASE WHEN $whole AND probe IS NOT NULL AND $only IS NULL AND size($facts) > 0
        THEN $facts[0] ELSE [] END AS key
      MATCH (:Entity {key: key})<--(item:Item)
      RETURN item, null AS one
      UNION ALL
      UNWIND CASE WHEN $whole AND probe IS NOT NULL THEN $only END AS id
      MATCH (item:Item {id: id})
      RETURN item, null AS one
    }
    WITH u, probe, item, one, one.seen AS seen
    WHERE
      // part: part/may_be_shown
      AND NOT item IN probe.without
    // What is a candidate already, the user's own items, comes twice with whole.
    RETURN item, collect(one)[0] AS one
  }
  WITH probe, item, one,
       CASE WHEN one.score IS NOT NULL OR probe IS NULL THEN []
         WHEN one.near IS NOT NULL THEN [one.near]
         ELSE [n IN range(0, size(probe.vectors) - 1) | CASE
           WHEN probe.details[n].because = item.id THEN null
           ELSE probe.weights[n] * (2.0 * vector.similarity.cosine(
             probe.vectors[n], item[probe.property]) - 1.0) END] END AS parts
  WITH probe, item, one, parts,
       coalesce(reduce(best = null, part IN parts
         | CASE WHEN best IS NULL OR part > best THEN part ELSE best END), probe.least) AS near
  WITH probe, item, one, parts, near, coalesce(one.bonus, 0.0) AS bonus,
       probe.stretch * near AS affinity,
       CASE WHEN probe.popularity = 0 OR one.score IS NOT NULL THEN 0.0
         WHEN probe.recent IS NOT NULL THEN probe.popularity * coalesce(item[probe.recent], 0.0)
         ELSE probe.popularity * (CASE
           WHEN probe.weighed IS NOT NULL THEN coalesce(item[probe.weighed], 0.0)
           ELSE
             // part: part/events_of_item
           END / probe.top) ^ (1.0 / 3)
         END AS popularity
  WITH probe, item, one, parts, near, bonus, affinity, popularity,
       coalesce(one.score, affinity + popularity + bonus) AS score
  WHERE score IS NOT NULL
  ORDER BY score DESC, item.id
  LIMIT $k
  RETURN collect({
    id: item.id,
    name: coalesce(item.name, item.title),
    score: score,
    source: CASE
      WHEN probe.source IS NOT NULL THEN probe.source
      WHEN one.source IS NOT NULL THEN one.source
      WHEN bonus > 0 AND bonus >= affinity AND bonus >= popularity THEN 'again'
      WHEN size(probe.vectors) = 0 OR popularity > affinity THEN 'popular'
      ELSE 'embedding' END,
    detail: coalesce(one.detail, [n IN range(0, size(parts) - 1)
      WHERE parts[n] = near | probe.details[n]][0])
  }) AS items
}
