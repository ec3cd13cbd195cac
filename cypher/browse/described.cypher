// purpose: Show a user or an item: its attributes, and the facts of which it is the head, the first
//   thousand of them. No row: there is none.
// mode: read
// params: id: STRING of Item, own_relations: LIST<STRING> = ["INTERACTED", "DISLIKES",
//   "ALIAS_OF", "CO_OCCURRED", "FOLLOWED_BY", "SIMILAR", "WAS_SHOWN"]
// columns: attributes: LIST<LIST>, facts: LIST<MAP>
// idents: label: label = Item
// complexity: the outgoing relationships of the node
MATCH (node:`$label` {id: $id})
RETURN [name IN keys(node) WHERE NOT name =~ 'id|key|batch|embedding_.*|emb_.*'
         | [name, node[name]]] AS attributes,
       COLLECT {
         MATCH (node)-[fact]->(tail)
         WHERE NOT type(fact) IN $own_relations
         WITH type(fact) AS relation, tail.id AS tail,
              [label IN labels(tail) WHERE label <> 'Entity'][0] AS tail_type
         ORDER BY relation, tail_type, tail
         LIMIT 1000
         RETURN {relation: relation, tail: tail, tail_type: tail_type}
       } AS facts
