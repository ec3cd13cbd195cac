// purpose: Create the items that are not there yet.
// mode: write
// params: ids: LIST<STRING>
// columns: none
UNWIND $ids AS id
MERGE (:Item {id: id})
