// purpose: Let the next number of a sequence be above one that was used elsewhere.
// mode: write
// params: sequence_name: STRING, value: INTEGER
// columns: none
MERGE (sequence:Sequence {name: $sequence_name})
SET sequence.value = CASE WHEN sequence.value > $value THEN sequence.value ELSE $value END
