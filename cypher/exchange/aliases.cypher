// purpose: Export the next ids that stand for users since a merge, in the order of the ids.
// mode: read
// params: after: STRING, limit: INTEGER
// columns: id: STRING, user: STRING, at: INTEGER
// complexity: the ids of the page, in the order of the index
MATCH (alias:Alias)
WHERE alias.id > $after AND EXISTS { (alias)-[:ALIAS_OF]->(:User) }
WITH alias
ORDER BY alias.id
LIMIT $limit
MATCH (alias)-[:ALIAS_OF]->(user:User)
RETURN alias.id AS id, user.id AS user, alias.at AS at
ORDER BY id
