"""Who decides, how, and what is kept of it."""
