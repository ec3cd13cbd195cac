"""The lists that are served, and the notes that go with them."""
