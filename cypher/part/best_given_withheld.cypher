// purpose: Keep of a list's candidates the k best that may be shown. For a list whose candidates are
//   all there are, such as what friends have.
// given: a row for each candidate: u: NODE or null, withheld: MAP of part/withheld, item: NODE,
//   score: FLOAT, seen: BOOLEAN or null
// gives: the rows that are left, best first
// params: k: INTEGER = 10 in 1..1000
// columns: subject: STRING, name: STRING, known: BOOLEAN, generation: INTEGER, basis: STRING,
//   items: LIST<MAP>
WITH *
WHERE
  // part: part/may_be_shown
WITH *
ORDER BY score DESC, item.id
LIMIT $k
