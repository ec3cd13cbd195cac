// purpose: List the newest change of every name that has a list now, by name.
// mode: read
// params: none
// columns: name: STRING, ordinal: INTEGER, at: INTEGER, who: STRING, options: STRING
MATCH (:Serving {name: 'default'})-[:LIST_CHANGED]->(change:ListChange)
WITH change ORDER BY change.ordinal DESC
WITH change.name AS name, head(collect(change)) AS newest
WHERE newest.options IS NOT NULL
RETURN name, newest.ordinal AS ordinal, newest.at AS at, newest.who AS who,
       newest.options AS options
ORDER BY name
