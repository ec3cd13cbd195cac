// purpose: Keep of a list's candidates the k best that may be shown, what the user dislikes read for each
//   of them: for lists of plug-ins, which know no more than the user and the item. A list of many
//   candidates reads part/disliked once and asks for part/best_given_disliked.
// given: a row for each candidate: u: NODE or null, item: NODE, score: FLOAT, seen: BOOLEAN or null
// gives: the rows that are left, best first
// params: none
// columns: subject: STRING, name: STRING, known: BOOLEAN, generation: INTEGER, basis: STRING,
//   items: LIST<MAP>
WITH *, {
  items: COLLECT { MATCH (u)-[:DISLIKES]->(target:Item) RETURN target },
  facts: COLLECT { MATCH (u)-[:DISLIKES]->(target:Entity) RETURN target }
} AS disliked
// part: part/best_given_disliked
