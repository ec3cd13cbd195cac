// purpose: Record an applied migration, provided that the lock is still ours.
// mode: write
// params: lock: STRING, token: STRING, number: INTEGER, migration: STRING, checksum: STRING
// columns: number: INTEGER

// The SET takes the write lock on the lock node, so that nobody takes it over before the commit.
MATCH (lock:__MigrationLock {name: $lock, token: $token})
SET lock.step = $number
WITH lock
WHERE lock.token = $token
MERGE (one:__Migration {number: $number})
  ON CREATE SET one.name = $migration, one.checksum = $checksum, one.applied_at = timestamp()
RETURN one.number AS number
