// purpose: Take the migration lock when it is free, and tell who holds it now.
// mode: write
// params: lock: STRING, token: STRING, host: STRING, pid: INTEGER, started: FLOAT
// columns: token: STRING, host: STRING, pid: INTEGER, started: FLOAT, age_ms: INTEGER
MERGE (lock:__MigrationLock {name: $lock})
  ON CREATE SET lock.token = $token, lock.host = $host, lock.pid = $pid,
                lock.started = $started, lock.acquired_at = timestamp()
RETURN lock.token AS token, lock.host AS host, lock.pid AS pid, lock.started AS started,
       timestamp() - lock.acquired_at AS age_ms
