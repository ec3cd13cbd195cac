// purpose: List the moves of the serving pointer, newest first.
// mode: read
// params: none
// columns: token: STRING, ordinal: INTEGER, at: INTEGER, kind: STRING, from_number: INTEGER, to_number: INTEGER,
//   who: STRING, why: STRING
MATCH (:Serving {name: 'default'})-[:MOVED]->(flip:Flip)
RETURN flip.token AS token, flip.ordinal AS ordinal, flip.at AS at, flip.kind AS kind, flip.from_number AS from_number,
       flip.to_number AS to_number, flip.who AS who, flip.why AS why
ORDER BY ordinal DESC
