"""The lists that are served, and what is said about them."""
