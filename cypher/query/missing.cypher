// purpose: Tell which of some ids no node of a label has.
// mode: read
// params: ids: LIST<STRING>
// columns: missing: LIST<STRING>
// idents: label: label = Item
// complexity: one index lookup per id for users and items
UNWIND $ids AS id
WITH id WHERE NOT EXISTS { (:`$label` {id: id}) }
RETURN collect(id) AS missing
