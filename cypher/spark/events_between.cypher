// purpose: Return the events and the dislikes of items whose keys lie in a range, with all that they hold.
// mode: read
// params: low: INTEGER, high: INTEGER
// columns: user_id: STRING, item_id: STRING, event: STRING, timestamp: INTEGER, weight: FLOAT,
//   basket_id: STRING, list_id: STRING, list_position: INTEGER, event_key: INTEGER
// complexity: a range of each of the indexes on keys
MATCH (user:User)-[event:INTERACTED]->(item:Item)
USING INDEX event:INTERACTED(key)
WHERE event.key >= $low AND event.key <= $high
RETURN user.id AS user_id, item.id AS item_id, event.event AS event, event.at AS timestamp,
       event.weight AS weight, event.basket AS basket_id, event.list AS list_id,
       event.position AS list_position, event.key AS event_key
UNION ALL
MATCH (user:User)-[event:DISLIKES]->(item:Item)
USING INDEX event:DISLIKES(key)
WHERE event.key >= $low AND event.key <= $high
RETURN user.id AS user_id, item.id AS item_id, event.event AS event, event.at AS timestamp,
       event.weight AS weight, event.basket AS basket_id, null AS list_id, null AS list_position,
       event.key AS event_key
