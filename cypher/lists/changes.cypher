// purpose: List the changes of named lists, newest first; of one name, or of all (null).
// mode: read
// params: list_name: STRING
// columns: name: STRING, ordinal: INTEGER, at: INTEGER, who: STRING, options: STRING
MATCH (:Serving {name: 'default'})-[:LIST_CHANGED]->(change:ListChange)
WHERE $list_name IS NULL OR change.name = $list_name
RETURN change.name AS name, change.ordinal AS ordinal, change.at AS at, change.who AS who,
       change.options AS options
ORDER BY ordinal DESC
