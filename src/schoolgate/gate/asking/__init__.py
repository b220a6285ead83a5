"""What a text asks for: parsed, every name traced, the reference kept from computing. Pure, and nothing is read."""
