// purpose: List the names that properties in the graph have had.
// mode: read
// params: none
// columns: name: STRING
// complexity: constant
CALL db.propertyKeys() YIELD propertyKey
RETURN propertyKey AS name
ORDER BY name
