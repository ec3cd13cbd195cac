// purpose: Return the sums of lists that were removed, by group; of the lists themselves where event is
//   null.
// mode: read
// params: first_day: STRING, last_day: STRING, by: STRING
// columns: group: STRING, event: STRING, lists: INTEGER, listed: INTEGER, impressions: INTEGER,
//   events: INTEGER, value: FLOAT
// complexity: the sums
MATCH (s:ListSums)
WHERE s.day >= $first_day AND s.day <= $last_day
WITH s, CASE $by
    WHEN 'generation' THEN toString(s.generation)
    WHEN 'list' THEN s.list
    WHEN 'day' THEN s.day
    ELSE 'all'
  END AS group
RETURN group, s.event AS event, sum(s.lists) AS lists, sum(s.listed) AS listed,
       sum(s.impressions) AS impressions, sum(s.events) AS events, sum(s.value) AS value
ORDER BY group, event
