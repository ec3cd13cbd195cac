// purpose: Export the attributes of every user or item as pairs of name and value, without those
//   that the engine writes or gives a meaning of its own, and without vectors.
// mode: read
// params: without: LIST<STRING>
// columns: id: STRING, attributes: LIST<LIST>
// idents: label: label = Item
// complexity: one pass over the nodes of the label
MATCH (node:`$label`)
RETURN node.id AS id,
       [name IN keys(node)
         WHERE NOT name STARTS WITH 'embedding_g' AND NOT name IN $without
           AND NOT valueType(node[name]) STARTS WITH 'LIST<FLOAT'
         | [name, node[name]]] AS attributes
