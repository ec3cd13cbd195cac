// purpose: Show what else goes into a basket: what shares baskets with the items in it, and what its
//   user takes anyway; one row. score = together / (highest together) + 2 n / (n + 4): together adds
//   up the scores of CO_OCCURRED over the items given; n counts the user's events on the item, each
//   half as much for every 60 days that it is older than the user's newest. Without a user, or for
//   one without other events, together alone.
// mode: read
// params: items: LIST<STRING>, user: STRING = null, half_life_days: FLOAT = 60.0
// complexity: the edges of the items, at most as many as the build kept, and the user's events
// source: as measured by benchmarks/hidden_item.py; the habit is the personal frequency (P-Top) of
//   Li et al.: A next basket recommendation reality check, 2023, with age
OPTIONAL MATCH (graph:DerivedGraph {name: 'co-occurrence'})
WITH graph.state AS state
OPTIONAL MATCH (u:User {id: $user})
// part: part/withheld
CALL () {
  UNWIND $items AS id
  OPTIONAL MATCH (self:Item {id: id})
  RETURN collect(DISTINCT self) AS given,
         collect(DISTINCT CASE WHEN self IS NULL THEN id END) AS unknown
}
CALL (u) {
  MATCH (u)-[event:INTERACTED]->()
  RETURN max(event.at) AS newest
}
CALL (u, given, newest) {
  CALL (u, given, newest) {
    UNWIND given AS self
    MATCH (self)-[edge:CO_OCCURRED]->(item:Item)
    WHERE NOT item IN given
    RETURN item, sum(edge.score) AS together, max(edge.count) AS count, 0.0 AS habit
    UNION ALL
    MATCH (u)-[event:INTERACTED]->(item:Item)
    WHERE NOT item IN given
    RETURN item, 0.0 AS together, 0 AS count, sum(CASE WHEN event.at IS NULL THEN 1.0
      ELSE 2.0 ^ ((event.at - newest) / ($half_life_days * 86400000.0)) END) AS habit
  }
  WITH item, sum(together) AS together, sum(count) AS count, sum(habit) AS habit
  WITH collect({item: item, together: together, count: count, habit: habit}) AS found,
       max(together) AS most
  // A scale of 1 where there is nothing to scale.
  RETURN found, CASE WHEN most > 0 THEN most ELSE 1.0 END AS most
}
CALL (u, withheld, found, most) {
  UNWIND found AS one
  WITH u, one.item AS item, one.count AS count, null AS seen, one.together / most AS together,
       2.0 * one.habit / (one.habit + 4.0) AS habit
  WITH u, item, count, seen, together, habit, together + habit AS score
  // part: part/best_given_withheld
  RETURN collect({
    id: item.id, name: coalesce(item.name, item.title), score: score, count: count,
    source: CASE WHEN habit > together THEN 'again' ELSE 'bought-together' END
  }) AS items
}
// Where an id is unknown the first of those is the subject.
RETURN coalesce(unknown[0], reduce(all = $items[0], id IN $items[1..] | all + ', ' + id)) AS subject,
       coalesce(given[0].name, given[0].title) AS name, size(unknown) = 0 AS known, null AS generation,
       CASE WHEN state IS NULL THEN 'not-built' ELSE 'within-basket' END AS basis, items
