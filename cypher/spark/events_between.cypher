// purpose: Return the events whose keys lie in a range, with all that they hold.
// mode: read
// params: low: INTEGER, high: INTEGER
// columns: user_id: STRING, item_id: STRING, event: STRING, timestamp: INTEGER, weight: FLOAT,
//   basket_id: STRING, event_key: INTEGER
// complexity: a range of the index on keys
MATCH (user:User)-[event:INTERACTED]->(item:Item)
USING INDEX event:INTERACTED(key)
WHERE event.key >= $low AND event.key <= $high
RETURN user.id AS user_id, item.id AS item_id, event.event AS event, event.at AS timestamp,
       event.weight AS weight, event.basket AS basket_id, event.key AS event_key
