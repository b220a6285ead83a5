"""Agreements, for both sides that sign them and for whoever oversees them."""
