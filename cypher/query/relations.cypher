// purpose: List the types of relationship there are.
// mode: read
// params: none
// columns: relation: STRING
// complexity: constant
CALL db.relationshipTypes() YIELD relationshipType AS relation
RETURN relation
ORDER BY relation
