// purpose: Create a generation before anything of it is written, so that leftovers can be found. The
//   number is new or the constraint refuses it: two who publish at once never share one.
// mode: write
// params: number: INTEGER, settings: MAP
// columns: number: INTEGER
CREATE (generation:Generation {number: $number})
SET generation += $settings, generation.state = 'candidate', generation.created_at = timestamp()
WITH generation
MERGE (sequence:Sequence {name: 'generation'})
// The lock, before its value is read: a removed generation's number must not come again.
SET sequence.locked_at = timestamp()
SET sequence.value = CASE WHEN sequence.value > $number THEN sequence.value ELSE $number END
RETURN generation.number AS number
