// purpose: Tell what time it is by the clock of the server, in epoch milliseconds.
// mode: read
// params: none
// columns: now: INTEGER
RETURN datetime.realtime().epochMillis AS now
