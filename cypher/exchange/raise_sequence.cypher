// purpose: Let the next number of a sequence be above one that was used elsewhere, and tell whether the
//   sequence was below it.
// mode: write
// params: sequence_name: STRING, value: INTEGER
// columns: raised: BOOLEAN
MERGE (sequence:Sequence {name: $sequence_name})
WITH sequence, coalesce(sequence.value, 0) < $value AS raised
SET sequence.value = CASE WHEN raised THEN $value ELSE coalesce(sequence.value, 0) END
RETURN raised
