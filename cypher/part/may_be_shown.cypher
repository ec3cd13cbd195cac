// purpose: The exclusion rule: may the item be shown? Every list of items holds it, by this file.
//   Memory follows the same rule while no server answers: engine/data/rules.py.
// given: item: NODE, u: NODE or null, withheld: MAP of part/withheld,
//   seen: BOOLEAN or null; null: the user's events tell
// params: exclude_seen: BOOLEAN = true, seen_since: INTEGER = null, seen_events: LIST<STRING> = null,
//   filters: MAP = {}, conditions: LIST<MAP> = [], facts: LIST<LIST<STRING>> = [], block: LIST<STRING> = [],
//   only: LIST<STRING> = null, now: INTEGER = null, until: INTEGER = null
NOT coalesce(item.hidden, false)
AND NOT item IN withheld.items
AND all(entity IN withheld.facts WHERE NOT EXISTS { (item)-->(entity) })
AND coalesce(item.expires_at > coalesce($now, timestamp()), true)
AND NOT item.id IN $block
AND coalesce(item.id IN $only, true)
AND all(ids IN $facts WHERE EXISTS { (item)-->(entity:Entity) WHERE entity.key IN ids })
// [] + value: a list stays what it is, a plain value becomes a list of one.
AND all(attribute IN keys($filters) WHERE coalesce(any(value IN [] + item[attribute]
  WHERE toStringOrNull(value) IN $filters[attribute]), false))
// Other conditions: texts that are none of these, numbers in a range, what the user says.
AND all(one IN $conditions WHERE (one.sign = '!=') <> coalesce(any(value IN [] + item[one.attribute] WHERE
  CASE WHEN one.sign IN ['=', '!='] THEN toStringOrNull(value) IN
    coalesce(one.texts, [said IN [] + u[one.of_user] | toStringOrNull(said)])
  ELSE toStringOrNull(value) =~ '[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d+)?' AND
    any(bound IN [coalesce(one.number, toFloatOrNull(toStringOrNull(u[one.of_user])))] WHERE CASE one.sign
      WHEN '<' THEN toFloatOrNull(toStringOrNull(value)) < bound
      WHEN '<=' THEN toFloatOrNull(toStringOrNull(value)) <= bound
      WHEN '>' THEN toFloatOrNull(toStringOrNull(value)) > bound
      ELSE toFloatOrNull(toStringOrNull(value)) >= bound
    END)
  END), false))
AND NOT ($exclude_seen AND coalesce(seen, EXISTS { (u)-[event:INTERACTED]->(item)
  WHERE coalesce(event.at >= $seen_since, true) AND coalesce(event.event IN $seen_events, true)
    AND coalesce(event.at <= $until, true) }))
