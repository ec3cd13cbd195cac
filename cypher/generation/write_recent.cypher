// purpose: Store a number on items, given as two lists of the same order: recent popularity,
//   or what the events on them count.
// mode: write
// params: ids: LIST<STRING>, scores: LIST<FLOAT>
// columns: written: INTEGER
// idents: recent: property
UNWIND range(0, size($ids) - 1) AS n
MATCH (item:Item {id: $ids[n]})
SET item.`$recent` = $scores[n]
RETURN count(*) AS written
