// purpose: Give, for some facts, how many facts point to the entity and the vectors of some items
//   that have the same relation to it.
// mode: read
// params: facts: LIST<LIST<STRING>>, property: STRING, generation: INTEGER,
//   most: INTEGER
// columns: relation: STRING, key: STRING, degree: INTEGER, vectors: LIST<LIST<FLOAT>>
// complexity: the first facts of each entity, until most items with a learned vector are found
UNWIND $facts AS one
MATCH (entity:Entity {key: one[1]})
CALL (entity, one) {
  MATCH (entity)<-[fact]-(other:Item)
  WHERE type(fact) = one[0] AND other[$property] IS NOT NULL
    AND coalesce(other.embedding_guess, 0) <> $generation
  WITH other LIMIT $most
  RETURN collect(other[$property]) AS vectors
}
RETURN one[0] AS relation, one[1] AS key, COUNT { (entity)<--() } AS degree, vectors
