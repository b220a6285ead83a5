"""Signing in for those who ask for data, decide about it, keep it or watch over it."""
