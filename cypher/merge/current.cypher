// purpose: Return whom some ids stand for, of those that stand for another user since a merge.
// mode: read
// params: ids: LIST<STRING>
// columns: id: STRING, user: STRING
// complexity: one look-up for each id, none where nobody was ever merged
UNWIND CASE WHEN COUNT { (:Alias) } > 0 THEN $ids ELSE [] END AS id
MATCH (:Alias {id: id})-[:ALIAS_OF]->(user:User)
RETURN id, user.id AS user
