// purpose: Create a vector index that looks at some attributes itself, so that a search for one value
//   of them finds the nearest that have it: cosine, exact floats, the number of dimensions fixed.
// mode: schema
// params: dimensions: INTEGER, m: INTEGER, ef_construction: INTEGER
// columns: none
// idents: index, label, property, attributes: properties
// dialect: 25
CYPHER 25
CREATE VECTOR INDEX `$index` IF NOT EXISTS
FOR (node:`$label`) ON node.`$property`
WITH [node.`$attributes`]
OPTIONS {indexConfig: {
  `vector.dimensions`: $dimensions,
  `vector.similarity_function`: 'cosine',
  `vector.quantization.enabled`: false,
  `vector.hnsw.m`: $m,
  `vector.hnsw.ef_construction`: $ef_construction
}}
