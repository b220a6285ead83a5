"""The family face: one child's page, for the parent or young person who was given a code."""
