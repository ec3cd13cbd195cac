// purpose: Let a generation's node be as it was exported, with its ranker and its user encoder, and let
//   no later one take its number.
// mode: write
// params: number: INTEGER, settings: MAP, ranker: MAP, user_encoder: MAP
// columns: number: INTEGER
MERGE (generation:Generation {number: $number})
SET generation = $settings
FOREACH (one IN CASE WHEN $ranker IS NULL THEN [] ELSE [$ranker] END |
  MERGE (generation)-[:RANKS_BY]->(ranker:Ranker)
  SET ranker = one)
FOREACH (one IN CASE WHEN $user_encoder IS NULL THEN [] ELSE [$user_encoder] END |
  MERGE (generation)-[:ENCODES_BY]->(encoder:UserEncoder)
  SET encoder = one)
MERGE (sequence:Sequence {name: 'generation'})
SET sequence.value = CASE WHEN sequence.value > $number THEN sequence.value ELSE $number END
RETURN generation.number AS number
