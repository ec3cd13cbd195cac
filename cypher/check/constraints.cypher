// purpose: List the constraints by name.
// mode: read
// params: none
// columns: name: STRING
SHOW CONSTRAINTS YIELD name
RETURN name
