// purpose: Remove every dislike of a user for an item or an entity, and count them.
// mode: write
// params: user: STRING, target: STRING
// columns: removed: INTEGER
// idents: label, identity: property
MATCH (:User {id: $user})-[dislike:DISLIKES]->(:`$label` {`$identity`: $target})
DELETE dislike
RETURN count(*) AS removed
