// purpose: Give, for some values of an attribute, how many items have each and the vectors of some
//   of those.
// mode: read
// params: attribute: STRING, values: LIST<STRING>, property: STRING, generation: INTEGER,
//   most: INTEGER
// columns: value: STRING, degree: INTEGER, vectors: LIST<LIST<FLOAT>>
// complexity: one pass over the catalogue
MATCH (other:Item)
WHERE other[$attribute] IS NOT NULL AND other[$property] IS NOT NULL
  AND coalesce(other.embedding_guess, 0) <> $generation
  AND NOT valueType(other[$attribute]) STARTS WITH 'LIST<FLOAT'
UNWIND CASE WHEN valueType(other[$attribute]) STARTS WITH 'LIST' THEN other[$attribute]
  ELSE [other[$attribute]] END AS one
WITH toStringOrNull(one) AS value, other
WHERE value IN $values
WITH value, count(*) AS degree, collect(other)[0..$most] AS others
RETURN value, degree, [other IN others | other[$property]] AS vectors
