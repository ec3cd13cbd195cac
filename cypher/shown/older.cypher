// purpose: Count the remembered lists from before a moment.
// mode: read
// params: before: INTEGER
// columns: lists: INTEGER
// complexity: a range of the index on the times of lists
MATCH (l:List)
USING INDEX l:List(at)
WHERE l.at < $before
RETURN count(*) AS lists
