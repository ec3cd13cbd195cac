// purpose: Wait until an index is online, at most so many seconds.
// mode: schema
// params: index: STRING, seconds: INTEGER
// columns: none
CALL db.awaitIndex($index, $seconds)
