"""Figures: how fast, how much memory, beside a named baseline measured in the same run."""
