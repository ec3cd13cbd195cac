"""Publishing: vectors stored and indexed so that the index serves the model's own ranking."""
