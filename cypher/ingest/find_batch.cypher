// purpose: Tell whether a batch was committed, by the token it left, and how many rows it has.
// mode: read
// params: token: STRING
// columns: rows: INTEGER
MATCH (b:Batch {token: $token})
RETURN b.rows + coalesce(b.described, 0) AS rows
