// purpose: Store what makes users' vectors of their newest items beside a generation, in the place of
//   the one it has: in a node of its own, as it is large and generations are listed with all they hold.
// mode: write
// params: number: INTEGER, digest: STRING, text: STRING
// columns: number: INTEGER
MATCH (generation:Generation {number: $number})
MERGE (generation)-[:ENCODES_BY]->(encoder:UserEncoder)
SET encoder.sha256 = $digest, encoder.text = $text
RETURN generation.number AS number
