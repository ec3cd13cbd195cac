// purpose: List every user in one record, with the number the server knows its node by.
// mode: read
// params: none
// columns: ids: LIST<STRING>, nodes: LIST<INTEGER>
MATCH (user:User)
RETURN collect(user.id) AS ids, collect(id(user)) AS nodes
