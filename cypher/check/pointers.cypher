// purpose: Tell to which generations the serving pointers lead; one pointer to one generation is
//   right.
// mode: read
// params: none
// columns: name: STRING, numbers: LIST<INTEGER>
MATCH (serving:Serving)
RETURN serving.name AS name,
       COLLECT { MATCH (serving)-[:USES]->(g:Generation) RETURN g.number ORDER BY g.number } AS numbers
ORDER BY name
