// purpose: Make sure that there can be one migration lock only.
// mode: schema
// params: none
// columns: none
CREATE CONSTRAINT migration_lock_name IF NOT EXISTS
FOR (lock:__MigrationLock) REQUIRE lock.name IS UNIQUE
