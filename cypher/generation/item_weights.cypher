// purpose: Count the events on every item, each by what its kind weighs.
// mode: read
// params: kinds: LIST<STRING>, kind_weights: LIST<FLOAT>
// columns: id: STRING, events: FLOAT
// complexity: one pass over the events
WITH $kinds AS kinds, $kind_weights AS kind_weights
MATCH (item:Item)
CALL (item, kinds, kind_weights) {
  MATCH (item)<-[event:INTERACTED]-()
  RETURN sum(
    // part: part/kind_weight
  ) AS events
}
RETURN item.id AS id, toFloat(events) AS events
