"""Releases beyond a query's answer: extracts that leave, look-ups by list or by claim, and what holds them back."""
