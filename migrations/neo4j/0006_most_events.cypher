// Popularity is (n / most n)^(1/3): a generation stored before has the logarithm of the most alone.
MATCH (g:Generation)
WHERE g.max_events IS NULL AND g.log_max_events IS NOT NULL
SET g.max_events = toInteger(round(exp(g.log_max_events) - 1));
