// A move of the serving pointer has a token of its own, by which its writer finds it again.
CREATE CONSTRAINT flip_token IF NOT EXISTS
FOR (n:Flip) REQUIRE n.token IS UNIQUE;
