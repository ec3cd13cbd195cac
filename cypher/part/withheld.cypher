// purpose: What a user's lists leave out, read once for a list, as the exclusion rule looks at every
//   candidate: what the user dislikes, and what was shown of late, seen where that was reported, and
//   not used since.
// given: u: NODE or null
// gives: withheld: MAP of items: LIST<NODE> and facts: LIST<NODE>, entities of which everything is
// params: shown_since: INTEGER = null, seen_events: LIST<STRING> = null
CALL (u) {
  OPTIONAL MATCH (u)-[:DISLIKES]->(target)
  WITH u, collect(DISTINCT target) AS targets
  CALL (u) {
    WITH u
    WHERE $shown_since IS NOT NULL
    MATCH (u)-[:WAS_SHOWN]->(l:List)
    WHERE l.at >= $shown_since
    UNWIND coalesce([position IN l.seen | l.items[position - 1]], l.items) AS id
    WITH u, id, max(l.at) AS at
    MATCH (item:Item {id: id})
    WHERE NOT EXISTS { (u)-[event:INTERACTED]->(item)
      WHERE event.at >= at AND coalesce(event.event IN $seen_events, true) }
    RETURN collect(item) AS shown
  }
  RETURN {
    items: [target IN targets WHERE target:Item] + shown,
    facts: [target IN targets WHERE target:Entity]
  } AS withheld
}
