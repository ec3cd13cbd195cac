// purpose: Wait until every index of the schema is online.
// mode: schema
// params: seconds: INTEGER
// columns: none
CALL db.awaitIndexes($seconds)
