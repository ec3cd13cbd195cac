// purpose: What a user dislikes, read once for a list: the exclusion rule looks at every candidate.
// given: u: NODE or null
// gives: disliked: MAP of items: LIST<NODE> and facts: LIST<NODE>, entities of which everything is
// params: none
CALL (u) {
  OPTIONAL MATCH (u)-[:DISLIKES]->(target)
  WITH collect(DISTINCT target) AS targets
  RETURN {
    items: [target IN targets WHERE target:Item], facts: [target IN targets WHERE target:Entity]
  } AS disliked
}
