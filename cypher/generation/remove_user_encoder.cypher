// purpose: Remove what makes users' vectors in a generation; nothing happens where there is nothing.
// mode: write
// params: number: INTEGER
// columns: removed: INTEGER
MATCH (:Generation {number: $number})-[:ENCODES_BY]->(encoder:UserEncoder)
DETACH DELETE encoder
RETURN count(*) AS removed
