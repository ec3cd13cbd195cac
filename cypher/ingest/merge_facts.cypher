// purpose: Create the facts of one relation that are not there yet; count those whose ends are there,
//   and those that are new.
// mode: write
// params: rows: LIST<LIST>, batch: INTEGER
// columns: there: INTEGER, new: INTEGER
// idents: head, head_key, tail, tail_key, relation
UNWIND $rows AS row
MATCH (h:`$head` {`$head_key`: row[0]})
USING INDEX h:`$head`(`$head_key`)
MATCH (t:`$tail` {`$tail_key`: row[1]})
USING INDEX t:`$tail`(`$tail_key`)
MERGE (h)-[r:`$relation`]->(t)
ON CREATE SET r.key = row[2], r.batch = $batch, r.token = true
WITH r, r.token AS new
REMOVE r.token
RETURN count(*) AS there, count(new) AS new
