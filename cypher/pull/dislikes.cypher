// purpose: Export which items users dislike: ids, when it was said, and by which kind of event.
// mode: read
// params: none
// columns: user: STRING, item: STRING, at: INTEGER, event: STRING
// complexity: one pass over what is disliked
MATCH (user:User)-[dislike:DISLIKES]->(item:Item)
RETURN user.id AS user, item.id AS item, coalesce(dislike.at, 0) AS at,
       coalesce(dislike.event, 'dislike') AS event
