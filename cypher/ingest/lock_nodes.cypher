// purpose: Create the users or items that are not there yet, keep others from writing on any of them
//   until this transaction ends, and tell what stands on each: attributes, and of some of them the
//   facts of which they are the head. Without the engine's own properties and relations.
// mode: write
// params: ids: LIST<STRING>, with_facts: LIST<STRING>, own_relations: LIST<STRING>
// columns: id: STRING, known: BOOLEAN, attributes: LIST<LIST>, facts: LIST<MAP>
// idents: label
// complexity: a look-up for each node, and the outgoing relationships of those with_facts
UNWIND $ids AS id
OPTIONAL MATCH (there:`$label` {id: id})
WITH id, there IS NOT NULL AS known
MERGE (node:`$label` {id: id})
// The lock, held to the commit.
SET node.id = id
WITH node, known
CALL (node) {
  WITH node
  WHERE node.id IN $with_facts
  MATCH (node)-[fact]->(tail)
  WHERE NOT type(fact) IN $own_relations
  RETURN collect({
    relation: type(fact), fact: elementId(fact), tail: tail.id,
    tail_type: [label IN labels(tail) WHERE label <> 'Entity'][0]
  }) AS facts
}
RETURN node.id AS id, known,
       [name IN keys(node) WHERE NOT name =~ 'id|key|batch|embedding_.*|emb_.*'
         | [name, node[name]]] AS attributes,
       facts
