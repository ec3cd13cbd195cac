// purpose: Tell whether a batch was committed, by the token it left.
// mode: read
// params: token: STRING
// columns: number: INTEGER
MATCH (b:Batch {token: $token})
RETURN b.number AS number
