// purpose: Make sure that a migration is recorded once.
// mode: schema
// params: none
// columns: none
CREATE CONSTRAINT migration_number IF NOT EXISTS
FOR (one:__Migration) REQUIRE one.number IS UNIQUE
