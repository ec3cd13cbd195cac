// Items are found by words of their names.
CREATE FULLTEXT INDEX item_name IF NOT EXISTS
FOR (n:Item) ON EACH [n.name, n.title];
