"""Erasing: what the custodian destroys of its own store, planned in words, agreed by two people, carried out here."""
