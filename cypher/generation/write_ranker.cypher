// purpose: Store the ranker of a generation beside it, in the place of the one it has: in a node of
//   its own, as it is large and generations are listed with all they hold.
// mode: write
// params: number: INTEGER, digest: STRING, text: STRING
// columns: number: INTEGER
MATCH (generation:Generation {number: $number})
MERGE (generation)-[:RANKS_BY]->(ranker:Ranker)
SET ranker.sha256 = $digest, ranker.text = $text
RETURN generation.number AS number
