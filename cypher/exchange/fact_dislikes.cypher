// purpose: Export which entities the next users dislike, in the order of the users' ids.
// mode: read
// params: after: STRING, limit: INTEGER
// columns: user: STRING, entity: STRING, event: STRING, at: INTEGER, weight: FLOAT, key: INTEGER
// complexity: the users after the id, and the dislikes of the page's users
MATCH (user:User)
WHERE user.id > $after AND EXISTS { (user)-[:DISLIKES]->(:Entity) }
WITH user
ORDER BY user.id
LIMIT $limit
MATCH (user)-[dislike:DISLIKES]->(entity:Entity)
RETURN user.id AS user, entity.key AS entity, dislike.event AS event, dislike.at AS at,
       dislike.weight AS weight, dislike.key AS key
ORDER BY user, entity, key
