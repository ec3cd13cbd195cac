// purpose: Export the entities that users dislike, everything of which they do not want: which items
//   are joined to each, and who said so, when, by which kind of event, as parallel lists.
// mode: read
// params: none
// columns: items: LIST<STRING>, users: LIST<STRING>, at: LIST<INTEGER>, events: LIST<STRING>
// complexity: what is disliked, and the items of each entity once
MATCH (user:User)-[dislike:DISLIKES]->(entity:Entity)
WITH entity, collect(user.id) AS users, collect(coalesce(dislike.at, 0)) AS at,
     collect(coalesce(dislike.event, 'dislike')) AS events
RETURN COLLECT { MATCH (item:Item)-->(entity) RETURN DISTINCT item.id } AS items, users, at, events
