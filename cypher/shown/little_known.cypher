// purpose: Name the items with the fewest events that may be shown to anybody, without some; of as
//   many, by id.
// mode: read
// params: known: LIST<STRING>, limit: INTEGER
// columns: id: STRING
// complexity: one pass over the catalogue
OPTIONAL MATCH (u:User {id: ''})
WITH u, {items: [], facts: []} AS withheld
MATCH (item:Item)
WHERE NOT item.id IN $known
WITH u, withheld, item, false AS seen
WHERE
  // part: part/may_be_shown
RETURN item.id AS id
ORDER BY COUNT { (item)<-[:INTERACTED]-() }, id
LIMIT $limit
