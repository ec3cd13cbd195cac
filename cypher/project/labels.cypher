// purpose: List the labels that nodes have, without the engine's own that begin with __.
// mode: read
// params: none
// columns: name: STRING
// complexity: constant, from the count store
CALL db.labels() YIELD label
WITH label WHERE NOT label STARTS WITH '__'
RETURN label AS name
ORDER BY name
