// purpose: Export every event of a user, the oldest first.
// mode: read
// params: id: STRING
// columns: item: STRING, event: STRING, at: INTEGER, weight: FLOAT, basket: STRING, list_id: STRING,
//   list_position: INTEGER, batch: INTEGER
// complexity: the user's events
MATCH (:User {id: $id})-[r:INTERACTED|DISLIKES]->(i:Item)
WITH r, i
ORDER BY r.at, i.id, r.key
RETURN i.id AS item, r.event AS event, r.at AS at, r.weight AS weight, r.basket AS basket,
       r.list AS list_id, r.position AS list_position, r.batch AS batch
