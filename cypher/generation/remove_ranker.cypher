// purpose: Remove the ranker of a generation; nothing happens where it has none.
// mode: write
// params: number: INTEGER
// columns: removed: INTEGER
MATCH (:Generation {number: $number})-[:RANKS_BY]->(ranker:Ranker)
DETACH DELETE ranker
RETURN count(*) AS removed
