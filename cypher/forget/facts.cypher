// purpose: Export what a user is joined to by facts, in either direction, and which facts the user
//   dislikes.
// mode: read
// params: id: STRING
// columns: relation: STRING, is_head: BOOLEAN, kind: STRING, other: STRING
// complexity: the user's facts
MATCH (user:User {id: $id})-[fact]-(other)
WHERE NOT type(fact) IN ['INTERACTED', 'SIMILAR', 'ALIAS_OF', 'WAS_SHOWN']
  AND NOT (type(fact) = 'DISLIKES' AND other:Item)
RETURN type(fact) AS relation, startNode(fact) = user AS is_head,
       [label IN labels(other) WHERE label <> 'Entity'][0] AS kind, other.id AS other
ORDER BY relation, is_head, kind, other
