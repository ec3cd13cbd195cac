// purpose: List every user in one record, with the number the server knows its node by and how many
//   events and dislikes it has.
// mode: read
// params: none
// columns: ids: LIST<STRING>, nodes: LIST<INTEGER>, events: LIST<INTEGER>
// complexity: one pass over the users; their degrees are stored
MATCH (user:User)
RETURN collect(user.id) AS ids, collect(id(user)) AS nodes,
       collect(COUNT { (user)-[:INTERACTED]->() } + COUNT { (user)-[:DISLIKES]->() }) AS events
