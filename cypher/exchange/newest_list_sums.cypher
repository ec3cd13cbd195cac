// purpose: Return the last day of which there are sums of lists that were removed; null where there are
//   none.
// mode: read
// params: none
// columns: day: STRING
// complexity: one pass over the sums
MATCH (s:ListSums)
RETURN max(s.day) AS day
