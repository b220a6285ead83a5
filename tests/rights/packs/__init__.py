"""Tests of access packs."""
