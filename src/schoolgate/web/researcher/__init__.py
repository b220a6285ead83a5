"""The researcher's face: drafts, applications, and what waits for me."""
