// purpose: List what a user dislikes, the newest first: items, and entities by their type.
// mode: read
// params: user: STRING of User, limit: INTEGER = 100 in 1..1000
// columns: kind: STRING, id: STRING, name: STRING, event: STRING, at: INTEGER
// complexity: the user's dislikes
MATCH (:User {id: $user})-[dislike:DISLIKES]->(target)
WITH target, max([dislike.at, dislike.event]) AS newest
RETURN [label IN labels(target) WHERE label <> 'Entity'][0] AS kind, target.id AS id,
       coalesce(target.name, target.title) AS name, newest[1] AS event, newest[0] AS at
ORDER BY at IS NULL, at DESC, kind, id
LIMIT $limit
