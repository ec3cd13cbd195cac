// purpose: Ask an index on a vector that a user brought for the items nearest to an item.
// mode: read
// params: item: STRING, attribute: STRING, index_name: STRING, fetch: INTEGER
// columns: ids: LIST<STRING>
MATCH (self:Item {id: $item})
WITH self, self[$attribute] AS vector, $index_name AS index, $fetch AS fetch
// part: part/nearest_items
RETURN [one IN nearest WHERE one[0] <> self | one[0].id] AS ids
