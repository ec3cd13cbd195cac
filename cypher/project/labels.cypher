// purpose: List the labels that nodes of the graph have.
// mode: read
// params: none
// columns: name: STRING
// complexity: constant, from the count store
CALL db.labels() YIELD label
RETURN label AS name
ORDER BY name
