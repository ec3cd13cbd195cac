// What identifies each kind of node and event. Never edit an applied migration: add the next number.
CREATE CONSTRAINT user_id IF NOT EXISTS
FOR (n:User) REQUIRE n.id IS UNIQUE;

CREATE CONSTRAINT item_id IF NOT EXISTS
FOR (n:Item) REQUIRE n.id IS UNIQUE;

// Ids are unique per type, and a type is a label of its own, so the key holds both: "Brand:69".
CREATE CONSTRAINT entity_key IF NOT EXISTS
FOR (n:Entity) REQUIRE n.key IS UNIQUE;

CREATE CONSTRAINT batch_token IF NOT EXISTS
FOR (n:Batch) REQUIRE n.token IS UNIQUE;

CREATE CONSTRAINT batch_number IF NOT EXISTS
FOR (n:Batch) REQUIRE n.number IS UNIQUE;

CREATE CONSTRAINT sequence_name IF NOT EXISTS
FOR (n:Sequence) REQUIRE n.name IS UNIQUE;

CREATE CONSTRAINT generation_number IF NOT EXISTS
FOR (n:Generation) REQUIRE n.number IS UNIQUE;

CREATE CONSTRAINT serving_name IF NOT EXISTS
FOR (n:Serving) REQUIRE n.name IS UNIQUE;

// An event is one relationship; its key is the event id or a hash of its content.
CREATE CONSTRAINT interacted_key IF NOT EXISTS
FOR ()-[r:INTERACTED]-() REQUIRE r.key IS UNIQUE;
