// purpose: Export every event of some users: a record for each page of them, each column a list.
//   A record costs what hundreds of numbers in a list cost, so one for each event is slow.
// mode: read
// params: pages: LIST<LIST<INTEGER>>, codes: MAP
// columns: user: LIST<INTEGER>, item: LIST<INTEGER>, at: LIST<INTEGER>, weight: LIST<FLOAT>,
//   event: LIST<INTEGER>
// complexity: one pass over the events; the server holds the events of one page at a time
UNWIND $pages AS page
CALL (page) {
  UNWIND page AS node
  MATCH (user:User) WHERE id(user) = node
  MATCH (user)-[event:INTERACTED]->(item:Item)
  RETURN collect(node) AS user,
         collect(id(item)) AS item,
         collect(coalesce(event.at, 0)) AS at,
         collect(coalesce(event.weight, 1.0)) AS weight,
         collect(coalesce($codes[event.event], 0)) AS event
}
RETURN user, item, at, weight, event
