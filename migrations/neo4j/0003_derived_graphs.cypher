// What each graph between items was built with, and whether it is whole.
CREATE CONSTRAINT derived_graph_name IF NOT EXISTS
FOR (n:DerivedGraph) REQUIRE n.name IS UNIQUE;
