// purpose: Count the procedures of the Graph Data Science plugin; 0 when it is not installed.
// mode: read
// params: none
// columns: procedures: INTEGER
SHOW PROCEDURES YIELD name
WHERE name STARTS WITH 'gds.'
RETURN count(*) AS procedures
