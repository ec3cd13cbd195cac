// purpose: Take the migration lock from a holder that is known to be dead.
// mode: write
// params: lock: STRING, old: STRING, token: STRING, host: STRING, pid: INTEGER, started: FLOAT
// columns: token: STRING

// The first SET takes the write lock, so that of two who try one finds the old token gone.
MATCH (lock:__MigrationLock {name: $lock})
SET lock.contender = $token
WITH lock
WHERE lock.token = $old
SET lock.token = $token, lock.host = $host, lock.pid = $pid, lock.started = $started,
    lock.acquired_at = timestamp()
RETURN lock.token AS token
