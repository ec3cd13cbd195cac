// purpose: Take items out of remembered lists, and count the lists: the places stay, with no id, and so
//   do the positions of the others. Options that name one go whole, and say
//   so.
// mode: schema
// params: ids: LIST<STRING>, quoted: LIST<STRING>
// columns: changed: INTEGER
// complexity: one pass over the remembered lists
MATCH (l:List)
WHERE any(id IN $ids WHERE id IN l.items) OR any(text IN $quoted WHERE l.options CONTAINS text)
CALL (l) {
  SET l.items = [id IN l.items | CASE WHEN id IN $ids THEN '' ELSE id END],
      l.options = CASE WHEN any(text IN $quoted WHERE l.options CONTAINS text) THEN '{"forgotten": true}'
                       ELSE l.options END
} IN TRANSACTIONS OF 2000 ROWS
RETURN count(*) AS changed
