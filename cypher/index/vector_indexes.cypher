// purpose: Describe every vector index.
// mode: schema
// params: none
// columns: name: STRING, state: STRING, percent: FLOAT, labels: LIST<STRING>,
//   properties: LIST<STRING>, options: MAP
SHOW VECTOR INDEXES
YIELD name, state, populationPercent, labelsOrTypes, properties, options
RETURN name, state, populationPercent AS percent, labelsOrTypes AS labels, properties, options
