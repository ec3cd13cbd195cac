// purpose: Tell how many lists are remembered, and when the newest of them was answered.
// mode: read
// params: none
// columns: lists: INTEGER, newest: INTEGER
// complexity: a count that the server keeps, and the end of the index on the times of lists
OPTIONAL MATCH (l:List)
USING INDEX l:List(at)
WHERE l.at >= 0
WITH l
ORDER BY l.at DESC
LIMIT 1
RETURN COUNT { (:List) } AS lists, l.at AS newest
