// purpose: Mark a generation as complete: everything that serving reads of it is there.
// mode: write
// params: number: INTEGER, settings: MAP
// columns: number: INTEGER
MATCH (generation:Generation {number: $number})
SET generation += $settings, generation.state = 'ready'
RETURN generation.number AS number
