// purpose: Create a vector index: cosine, exact floats, the number of dimensions fixed.
// mode: schema
// params: dimensions: INTEGER, m: INTEGER, ef_construction: INTEGER
// columns: none
// idents: index, label, property
CREATE VECTOR INDEX `$index` IF NOT EXISTS
FOR (node:`$label`) ON node.`$property`
OPTIONS {indexConfig: {
  `vector.dimensions`: $dimensions,
  `vector.similarity_function`: 'cosine',
  `vector.quantization.enabled`: false,
  `vector.hnsw.m`: $m,
  `vector.hnsw.ef_construction`: $ef_construction
}}
