// purpose: List the ids that stand for some users, and when each was merged.
// mode: read
// params: users: LIST<STRING>
// columns: id: STRING, user: STRING, at: INTEGER
// complexity: the aliases of the users
UNWIND $users AS user
MATCH (:User {id: user})<-[:ALIAS_OF]-(alias:Alias)
RETURN alias.id AS id, user, alias.at AS at
ORDER BY user, id
