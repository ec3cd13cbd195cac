// purpose: Create events between users and items that are there, grouped by user; count them.
// mode: write
// params: groups: LIST<LIST>, batch: INTEGER
// columns: created: INTEGER
// complexity: one index lookup per user and per event; no Eager, since both ends are only matched
UNWIND $groups AS group
MATCH (u:User {id: group[0]})
USING INDEX u:User(id)
UNWIND group[1] AS e
MATCH (i:Item {id: e[0]})
USING INDEX i:Item(id)
CREATE (u)-[:INTERACTED
  {key: e[1], event: e[2], at: e[3], weight: e[4], basket: e[5], list: e[6], position: e[7],
   batch: $batch}]->(i)
RETURN count(*) AS created
