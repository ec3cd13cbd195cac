// purpose: Look through the weights of a kind of edges: the least, and how many are no number.
// mode: read
// params: none
// columns: least: FLOAT, no_number: INTEGER
// idents: head: label = User, relation: relation = INTERACTED, tail: label = Item,
//   weight: property = weight
// complexity: one pass over the edges
MATCH (:`$head`)-[edge:`$relation`]->(:`$tail`)
WITH edge.`$weight` AS weight
RETURN min(CASE WHEN weight >= 0 OR weight < 0 THEN toFloat(weight) END) AS least,
       sum(CASE WHEN weight IS NULL OR weight >= 0 OR weight < 0 THEN 0 ELSE 1 END) AS no_number
