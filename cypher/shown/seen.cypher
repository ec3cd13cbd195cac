// purpose: Note which items of a list were seen, each once. With an item that the list does not have,
//   nothing is noted. No row: there is no such list.
// mode: write
// params: id: STRING, items: LIST<STRING>
// columns: others: LIST<STRING>, new: INTEGER
MATCH (l:List {id: $id})
// The lock, before anything is read: reports of one list wait for each other.
SET l.id = l.id
WITH l, coalesce(l.seen, []) AS before, [item IN $items WHERE NOT item IN l.items] AS others
WITH l, before, others,
     CASE size(others)
       WHEN 0 THEN [position IN range(1, size(l.items))
                    WHERE l.items[position - 1] IN $items AND NOT position IN before]
       ELSE []
     END AS new
SET l.seen = CASE size(new) WHEN 0 THEN l.seen ELSE before + new END
RETURN others, size(new) AS new
