"""Families decline items; returns and loads honour it."""
