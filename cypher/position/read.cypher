// purpose: Tell how far a source was read, part by part.
// mode: read
// params: source: STRING
// columns: part: STRING, value: STRING
MATCH (position:SourcePosition {source: $source})
RETURN position.part AS part, position.value AS value
