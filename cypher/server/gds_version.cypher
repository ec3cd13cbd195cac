// purpose: Tell the version of the Graph Data Science plugin.
// mode: read
// params: none
// columns: version: STRING
RETURN gds.version() AS version
