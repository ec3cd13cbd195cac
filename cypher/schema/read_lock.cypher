// purpose: Tell who holds the migration lock and for how long; no row when it is free.
// mode: read
// params: lock: STRING
// columns: token: STRING, host: STRING, pid: INTEGER, started: FLOAT, age_ms: INTEGER
MATCH (lock:__MigrationLock {name: $lock})
RETURN lock.token AS token, lock.host AS host, lock.pid AS pid, lock.started AS started,
       timestamp() - lock.acquired_at AS age_ms
