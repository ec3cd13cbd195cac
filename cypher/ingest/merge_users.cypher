// purpose: Create the users that are not there yet.
// mode: write
// params: ids: LIST<STRING>
// columns: none
UNWIND $ids AS id
MERGE (:User {id: id})
