// purpose: Keep of a list's candidates the k best that may be shown; what the user's lists leave out is
//   read for each of them. For lists of plug-ins, which know no more than the user and the item: a
//   list of many candidates reads part/withheld once and asks for part/best_given_withheld.
// given: a row for each candidate: u: NODE or null, item: NODE, score: FLOAT, seen: BOOLEAN or null
// gives: the rows that are left, best first
// params: none
// columns: subject: STRING, name: STRING, known: BOOLEAN, generation: INTEGER, basis: STRING,
//   items: LIST<MAP>
WITH *
// part: part/withheld
// part: part/best_given_withheld
