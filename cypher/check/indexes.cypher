// purpose: List every index with its state, those of constraints included.
// mode: read
// params: none
// columns: name: STRING, state: STRING, percent: FLOAT
SHOW INDEXES YIELD name, state, populationPercent
RETURN name, state, populationPercent AS percent
