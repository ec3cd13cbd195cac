// Users are found by words of their names.
CREATE FULLTEXT INDEX user_name IF NOT EXISTS
FOR (n:User) ON EACH [n.name, n.title];
