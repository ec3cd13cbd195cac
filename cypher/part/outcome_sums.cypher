// purpose: Sum lists, impressions and what came of them by group: over users, and the squares and
//   products by which the error of a ratio is known (each user counts once: a cluster).
// given: l: NODE, its owner: NODE or null, taken: LIST<LIST>, the position and the weight of each event
//   that is attributed to it
// gives: nothing
// params: by: STRING
// columns: group: STRING, users: INTEGER, lists: INTEGER, listed: INTEGER, impressions: INTEGER,
//   events: INTEGER, seen_events: INTEGER, value: FLOAT, lists_squared: INTEGER,
//   impressions_squared: INTEGER, events_squared: INTEGER, seen_events_squared: INTEGER,
//   value_squared: FLOAT, lists_events: INTEGER, impressions_events: INTEGER, lists_value: FLOAT, least: FLOAT
WITH l, taken, coalesce(elementId(owner), l.id) AS user, coalesce(l.seen, []) AS seen,
     CASE $by WHEN 'position' THEN range(1, size(l.items)) ELSE [null] END AS places
UNWIND places AS place
WITH user,
     CASE $by
       WHEN 'position' THEN toString(coalesce(l.first, 1) - 1 + place)
       WHEN 'generation' THEN toString(coalesce(l.generation, 0))
       WHEN 'variant' THEN coalesce(l.variant, 'none')
       WHEN 'list' THEN coalesce(l.named, l.by)
       WHEN 'day' THEN toString(date(datetime({epochMillis: l.at})))
       ELSE 'all'
     END AS group,
     CASE WHEN place IS NULL THEN size(l.items) ELSE 1 END AS listed,
     CASE WHEN place IS NULL THEN size(seen) WHEN place IN seen THEN 1 ELSE 0 END AS impressions,
     [one IN taken WHERE place IS NULL OR one[0] = place] AS events, seen
WITH group, user, count(*) AS x, sum(listed) AS listed, sum(impressions) AS s,
     sum(size(events)) AS y, sum(size([one IN events WHERE one[0] IN seen])) AS ys,
     sum(reduce(value = 0.0, one IN events | value + one[1])) AS v,
     min(reduce(least = 0.0, one IN events | CASE WHEN one[1] < least THEN one[1] ELSE least END))
       AS low
RETURN group, count(*) AS users, sum(x) AS lists, sum(listed) AS listed, sum(s) AS impressions,
       sum(y) AS events, sum(ys) AS seen_events, sum(v) AS value, sum(x * x) AS lists_squared,
       sum(s * s) AS impressions_squared, sum(y * y) AS events_squared,
       sum(ys * ys) AS seen_events_squared, sum(v * v) AS value_squared, sum(x * y) AS lists_events,
       sum(s * ys) AS impressions_events, sum(x * v) AS lists_value,
       min(low) AS least
