// purpose: List the types of the relationships of a user, without those that generations made.
// mode: read
// params: user: STRING
// columns: relation: STRING
// complexity: the user's relationships
MATCH (:User {id: $user})-[relation]-()
WITH DISTINCT type(relation) AS relation
WHERE NOT relation IN ['SIMILAR', 'ALIAS_OF']
RETURN relation
ORDER BY relation
