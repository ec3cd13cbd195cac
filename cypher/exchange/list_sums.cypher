// purpose: Export the next sums of lists that were removed, in the order of their keys.
// mode: read
// params: after: STRING, limit: INTEGER
// columns: key: STRING, day: STRING, generation: INTEGER, list: STRING, event: STRING, lists: INTEGER,
//   listed: INTEGER, impressions: INTEGER, events: INTEGER, value: FLOAT
// complexity: the sums of the page, in the order of the index
MATCH (s:ListSums)
WHERE s.key > $after
RETURN s.key AS key, s.day AS day, s.generation AS generation, s.list AS list, s.event AS event,
       s.lists AS lists, s.listed AS listed, s.impressions AS impressions, s.events AS events,
       s.value AS value
ORDER BY key
LIMIT $limit
