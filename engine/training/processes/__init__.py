"""Training in several processes of one machine: users are shared out, and so are all tables."""
