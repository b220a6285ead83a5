"""Backup and restore, by the commands a person runs, on an installation with everything in it."""
