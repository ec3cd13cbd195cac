// purpose: Count the events on every item.
// mode: read
// params: none
// columns: id: STRING, events: INTEGER
// complexity: one look at the degree of each item
MATCH (item:Item)
RETURN item.id AS id, COUNT { (item)<-[:INTERACTED]-() } AS events
