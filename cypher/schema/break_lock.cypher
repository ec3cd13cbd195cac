// purpose: Remove the migration lock, whoever holds it.
// mode: write
// params: lock: STRING
// columns: released: INTEGER
MATCH (lock:__MigrationLock {name: $lock})
DELETE lock
RETURN count(*) AS released
