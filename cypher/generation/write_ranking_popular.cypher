// purpose: Store with a generation the items that a ranker's candidates begin with, best first.
// mode: write
// params: number: INTEGER, popular: LIST<STRING>
// columns: number: INTEGER
MATCH (generation:Generation {number: $number})
SET generation.ranking_popular = $popular
RETURN generation.number AS number
