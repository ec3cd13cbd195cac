// purpose: Note how far parts of a source were read, in the transaction of what was read. Fewer rows
//   than parts: somebody else moved one that is neither where it was nor where it is to be.
// mode: write
// params: source: STRING, label: STRING, parts: LIST<MAP>
// columns: part: STRING
UNWIND $parts AS part
MERGE (position:SourcePosition {source: $source, part: part.name})
// The lock, before the value is looked at.
SET position.locked_at = timestamp()
WITH position, part
WHERE coalesce(position.value, '') IN [part.before, part.value]
SET position.value = part.value, position.label = $label
RETURN part.name AS part
