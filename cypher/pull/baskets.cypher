// purpose: Export every event of some users with the basket it belongs to: a record for each page of
//   users, each column a list; an empty text where an event has no basket.
// mode: read
// params: pages: LIST<LIST<INTEGER>>, codes: MAP
// columns: user: LIST<INTEGER>, item: LIST<INTEGER>, at: LIST<INTEGER>, weight: LIST<FLOAT>,
//   event: LIST<INTEGER>, basket: LIST<STRING>
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
         collect(coalesce($codes[event.event], 0)) AS event,
         collect(coalesce(toStringOrNull(event.basket), '')) AS basket
}
RETURN user, item, at, weight, event, basket
