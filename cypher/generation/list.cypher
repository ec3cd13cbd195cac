// purpose: List the generations in the graph, newest first, and which of them is in service.
// mode: read
// params: none
// columns: number: INTEGER, state: STRING, serving: BOOLEAN, settings: MAP
MATCH (generation:Generation)
RETURN generation.number AS number,
       generation.state AS state,
       EXISTS { (:Serving {name: 'default'})-[:USES]->(generation) } AS serving,
       properties(generation) AS settings
ORDER BY number DESC
