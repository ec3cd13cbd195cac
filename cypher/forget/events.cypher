// purpose: Export every event of a user, the oldest first.
// mode: read
// params: id: STRING
// columns: item: STRING, event: STRING, at: INTEGER, weight: FLOAT, basket: STRING, batch: INTEGER
// complexity: the user's events
MATCH (:User {id: $id})-[event:INTERACTED]->(item:Item)
RETURN item.id AS item, event.event AS event, event.at AS at, event.weight AS weight,
       event.basket AS basket, event.batch AS batch
ORDER BY at, item, event.key
