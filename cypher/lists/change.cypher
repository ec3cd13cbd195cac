// purpose: Give a name to a list and its options, or take the name from it (options: null); the change
//   is kept, with its time and author, and the newest one of a name counts.
// mode: write
// params: list_name: STRING, options: STRING, who: STRING
// columns: ordinal: INTEGER, at: INTEGER
MERGE (serving:Serving {name: 'default'})
// The lock: changes have an order, whoever makes them.
SET serving.list_changes = coalesce(serving.list_changes, 0) + 1
CREATE (serving)-[:LIST_CHANGED]->(change:ListChange {
  name: $list_name, ordinal: serving.list_changes, at: datetime.realtime().epochMillis,
  who: $who, options: $options
})
RETURN change.ordinal AS ordinal, change.at AS at
