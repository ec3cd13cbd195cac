// A list that was answered stands once, and is found by its time and by the events that name it.
CREATE CONSTRAINT list_id IF NOT EXISTS
FOR (n:List) REQUIRE n.id IS UNIQUE;

CREATE INDEX list_at IF NOT EXISTS
FOR (n:List) ON (n.at);

CREATE INDEX interacted_list IF NOT EXISTS
FOR ()-[r:INTERACTED]-() ON (r.list);

// What is kept of lists that were removed: sums of a day, generation and list, and of a kind of event.
CREATE CONSTRAINT list_sums_key IF NOT EXISTS
FOR (n:ListSums) REQUIRE n.key IS UNIQUE;
