// purpose: Note that the vector of some items in a generation is a guess: a later load that tells
//   more about them makes another, and no other item is placed by them.
// mode: write
// params: ids: LIST<STRING>, generation: INTEGER
// columns: marked: INTEGER
// complexity: a look-up for each item
UNWIND $ids AS id
MATCH (item:Item {id: id})
SET item.embedding_guess = $generation
RETURN count(*) AS marked
