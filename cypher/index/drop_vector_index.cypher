// purpose: Drop a vector index if it is there.
// mode: schema
// params: none
// columns: none
// idents: index
DROP INDEX `$index` IF EXISTS
