// purpose: Store on users what those most like them have, and how often on average. A row is
//   [user, [item, …], [count, …]].
// mode: write
// params: rows: LIST<LIST>
// columns: written: INTEGER
// idents: people: property, people_counts: property
UNWIND $rows AS row
MATCH (user:User {id: row[0]})
SET user.`$people` = row[1], user.`$people_counts` = row[2]
RETURN count(*) AS written
