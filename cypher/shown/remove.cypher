// purpose: Remove lists, and add what they came to to the sums of their day, generation and list.
// mode: write
// params: ids: LIST<STRING>, sums: LIST<MAP>
// columns: none
// complexity: an index lookup per list and per sum
UNWIND $sums AS one
MERGE (s:ListSums {key: one.key})
ON CREATE SET s.day = one.day, s.generation = one.generation, s.list = one.list, s.event = one.event
SET s.lists = coalesce(s.lists, 0) + one.lists, s.listed = coalesce(s.listed, 0) + one.listed,
    s.impressions = coalesce(s.impressions, 0) + one.impressions,
    s.events = coalesce(s.events, 0) + one.events, s.value = coalesce(s.value, 0.0) + one.value
WITH count(*) AS done
UNWIND $ids AS id
MATCH (l:List {id: id})
DETACH DELETE l
