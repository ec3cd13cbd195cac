// purpose: Tell what a service that holds popular items and named lists in memory has to follow; one
//   row, whatever was published. Equal values: nothing that it holds has changed.
// mode: read
// params: none
// columns: generation: INTEGER, popular: INTEGER, described: INTEGER, list_changes: INTEGER
// complexity: three nodes and a degree
OPTIONAL MATCH (serving:Serving {name: 'default'})
OPTIONAL MATCH (serving)-[:USES]->(generation:Generation)
OPTIONAL MATCH (watermark:Sequence {name: 'watermark'})
RETURN generation.number AS generation,
       // Who is forgotten is taken out of it.
       size(generation.popular) AS popular,
       // See ingest/mark_batch.
       coalesce(watermark.described, 0) AS described,
       COUNT { (serving)-[:LIST_CHANGED]->() } AS list_changes
