// purpose: Store on users what those most like them have, best first. A row is [user, [item, …]].
// mode: write
// params: rows: LIST<LIST>
// columns: written: INTEGER
// idents: people: property
UNWIND $rows AS row
MATCH (user:User {id: row[0]})
SET user.`$people` = row[1]
RETURN count(*) AS written
