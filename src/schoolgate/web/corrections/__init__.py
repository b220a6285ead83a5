"""Correction notices: what recipients fetch and answer for, and how that stands for who watches."""
