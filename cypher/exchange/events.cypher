// purpose: Export every event of some users up to a batch, what they dislike too, with all that it
//   holds: a record for each page of users, each column a list. As a list holds no null, an event without
//   a time has the one of $no_time, one without a basket or a list an empty text, and position 0 is none.
// mode: read
// params: pages: LIST<LIST<INTEGER>>, codes: MAP, newest: INTEGER, no_time: INTEGER
// columns: user: LIST<INTEGER>, item: LIST<INTEGER>, key: LIST<INTEGER>, event: LIST<INTEGER>,
//   at: LIST<INTEGER>, weight: LIST<FLOAT>, basket: LIST<STRING>, list: LIST<STRING>,
//   position: LIST<INTEGER>
// complexity: one pass over the events of the users; the server holds those of one page at a time
UNWIND $pages AS page
CALL (page) {
  UNWIND page AS node
  MATCH (user:User) WHERE id(user) = node
  MATCH (user)-[event:INTERACTED|DISLIKES]->(item:Item)
  WHERE coalesce(event.batch, 0) <= $newest
  WITH node, id(item) AS item, properties(event) AS event
  RETURN collect(node) AS user,
         collect(item) AS item,
         collect(event.key) AS key,
         collect($codes[coalesce(event.event, '')]) AS event,
         collect(coalesce(event.at, $no_time)) AS at,
         collect(coalesce(event.weight, 1.0)) AS weight,
         collect(coalesce(event.basket, '')) AS basket,
         collect(coalesce(event.list, '')) AS list,
         collect(coalesce(event.position, 0)) AS position
}
RETURN user, item, key, event, at, weight, basket, list, position
