// purpose: List the types that relationships of the graph have.
// mode: read
// params: none
// columns: name: STRING
// complexity: constant, from the count store
CALL db.relationshipTypes() YIELD relationshipType
RETURN relationshipType AS name
ORDER BY name
