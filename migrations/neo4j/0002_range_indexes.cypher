// What is looked up by value and is not unique.
CREATE RANGE INDEX entity_id IF NOT EXISTS
FOR (n:Entity) ON (n.id);
