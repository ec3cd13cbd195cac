// purpose: Remember lists that were answered; one that is there already stays as it is. A user who is
//   not in the graph is not created: the list then is nobody's.
// mode: write
// params: lists: LIST<MAP>
// columns: none
// complexity: two index lookups per list
UNWIND $lists AS one
MERGE (l:List {id: one.id})
ON CREATE SET l += one.properties
WITH l, one
MATCH (u:User {id: one.user})
MERGE (u)-[:WAS_SHOWN]->(l)
