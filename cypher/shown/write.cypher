// purpose: Remember lists that were answered; one that is there already stays as it is. What was
//   answered for an id that stands for a user since a merge is the user's. A user who is not in the
//   graph is not created: the list then is nobody's.
// mode: write
// params: lists: LIST<MAP>
// columns: none
// complexity: three index lookups per list
UNWIND $lists AS one
MERGE (l:List {id: one.id})
ON CREATE SET l += one.properties
WITH l, one
OPTIONAL MATCH (:Alias {id: one.user})-[:ALIAS_OF]->(current:User)
MATCH (u:User {id: coalesce(current.id, one.user)})
MERGE (u)-[:WAS_SHOWN]->(l)
