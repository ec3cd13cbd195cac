// purpose: Compare two nodes by whom they are joined to, in either direction and counted once:
//   common neighbours, Jaccard, cosine and Adamic-Adar.
// mode: read
// params: one: STRING of label, other: STRING of label
// columns: neighbours_of_one: INTEGER, neighbours_of_other: INTEGER, common: INTEGER,
//   jaccard: FLOAT, cosine: FLOAT, adamic_adar: FLOAT
// idents: label: label = Item, relation: relation = INTERACTED
// complexity: the edges of both nodes and of the neighbours they share
// source: Liben-Nowell and Kleinberg 2007, The link-prediction problem for social networks,
//   section 3;
//   Adamic and Adar 2003, Friends and neighbors on the web
MATCH (one:`$label` {id: $one}), (other:`$label` {id: $other})
WITH one, other,
     COLLECT { MATCH (one)-[:`$relation`]-(n) WHERE n <> one RETURN DISTINCT n } AS ones,
     COLLECT { MATCH (other)-[:`$relation`]-(n) WHERE n <> other RETURN DISTINCT n } AS others
CALL (ones, others) {
  UNWIND ones AS middle
  WITH middle WHERE middle IN others
  WITH middle, COUNT {
    MATCH (middle)-[:`$relation`]-(n) WHERE n <> middle RETURN DISTINCT n
  } AS degree
  RETURN count(middle) AS common,
         // Only the two nodes being one and the same leaves a neighbour of degree 1.
         sum(CASE WHEN degree > 1 THEN 1.0 / log(degree) ELSE 0.0 END) AS adamic_adar
}
WITH size(ones) AS a, size(others) AS b, common, adamic_adar
RETURN a AS neighbours_of_one,
       b AS neighbours_of_other,
       common,
       CASE WHEN a + b = 0 THEN 0.0 ELSE toFloat(common) / (a + b - common) END AS jaccard,
       CASE WHEN a * b = 0 THEN 0.0 ELSE common / sqrt(1.0 * a * b) END AS cosine,
       adamic_adar
