// purpose: List the migrations that were applied, in order.
// mode: read
// params: none
// columns: number: INTEGER, name: STRING, checksum: STRING, applied_at: INTEGER
MATCH (one:__Migration)
RETURN one.number AS number, one.name AS name, one.checksum AS checksum,
       one.applied_at AS applied_at
ORDER BY number
