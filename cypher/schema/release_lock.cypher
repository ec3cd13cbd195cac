// purpose: Give the migration lock back.
// mode: write
// params: lock: STRING, token: STRING
// columns: released: INTEGER
MATCH (lock:__MigrationLock {name: $lock, token: $token})
DELETE lock
RETURN count(*) AS released
