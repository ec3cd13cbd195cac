// purpose: Announce a generation before anything of it is written, so that leftovers can be found.
// mode: write
// params: number: INTEGER, settings: MAP
// columns: number: INTEGER
MERGE (generation:Generation {number: $number})
SET generation += $settings, generation.state = 'candidate', generation.created_at = timestamp()
RETURN generation.number AS number
