"""What each reading of a table takes: its scans, and the conditions that run inside them. Pure."""
