// purpose: Ask an index for the items nearest to each of some users, as publishing checks it: by the
//   look-up that lists are made with.
// mode: read
// params: users: LIST<STRING>, generation: INTEGER, fetch: INTEGER
// columns: user: STRING, items: LIST<STRING>
UNWIND $users AS id
MATCH (user:User {id: id})
WITH user, user['embedding_g' + toString($generation)] AS vector,
     'item_embedding_g' + toString($generation) AS index, $fetch AS fetch
WHERE vector IS NOT NULL
// part: part/nearest_items
RETURN user.id AS user, [one IN nearest | one[0].id] AS items
