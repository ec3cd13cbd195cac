// purpose: Own items that a user dislikes, or that are joined to a fact that is disliked: no event on
//   one is learned from (engine/data/training_data.py), so none counts in what is made of the
//   newest events either.
// given: u: NODE or null, until: INTEGER or null: no dislike after it counts
// gives: LIST<NODE>
// params: none
COLLECT {
  MATCH (u)-[said:DISLIKES]->(unwanted:Item)
  WHERE coalesce(said.at <= until, true)
  RETURN unwanted
  UNION ALL
  MATCH (u)-[said:DISLIKES]->(:Entity)<--(unwanted:Item)
  WHERE coalesce(said.at <= until, true) AND EXISTS { (u)-[:INTERACTED]->(unwanted) }
  RETURN unwanted
}
