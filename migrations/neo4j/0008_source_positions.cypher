// How far a source was read stands once for each of its parts.
CREATE CONSTRAINT source_position IF NOT EXISTS
FOR (n:SourcePosition) REQUIRE (n.source, n.part) IS UNIQUE;
