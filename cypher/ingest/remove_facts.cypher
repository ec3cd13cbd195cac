// purpose: Remove some facts, and count them.
// mode: write
// params: facts: LIST<STRING>
// columns: removed: INTEGER
// complexity: a look-up for each fact
UNWIND $facts AS number
MATCH ()-[fact]->()
WHERE elementId(fact) = number
DELETE fact
RETURN count(*) AS removed
