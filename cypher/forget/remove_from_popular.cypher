// purpose: Take items out of the popular ones of every generation, and count the generations changed.
// mode: write
// params: ids: LIST<STRING>
// columns: changed: INTEGER
MATCH (generation:Generation)
WHERE any(id IN coalesce(generation.popular, []) + coalesce(generation.ranking_popular, [])
  WHERE id IN $ids)
WITH generation, generation.popular AS popular, generation.popular_events AS events,
     generation.popular_scores AS scores
WITH *, [n IN range(0, size(popular) - 1) WHERE NOT popular[n] IN $ids] AS kept
SET generation.popular = [n IN kept | popular[n]],
    generation.popular_events = [n IN kept | events[n]],
    generation.popular_scores = CASE WHEN scores IS NULL THEN null ELSE [n IN kept | scores[n]] END,
    generation.ranking_popular = [id IN generation.ranking_popular WHERE NOT id IN $ids]
RETURN count(*) AS changed
