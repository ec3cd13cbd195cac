// purpose: Name the vectors of an item that a user brought, with their lengths; those of zeros alone
//   are left out.
// mode: read
// params: item: STRING
// columns: vectors: LIST<LIST<ANY>>
MATCH (item:Item {id: $item})
RETURN [name IN keys(item)
  WHERE NOT name STARTS WITH 'embedding_g' AND valueType(item[name]) STARTS WITH 'LIST<FLOAT'
    AND any(one IN item[name] WHERE one <> 0)
  | [name, size(item[name])]] AS vectors
