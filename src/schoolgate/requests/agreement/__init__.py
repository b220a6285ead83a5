"""What was agreed: signing, changing, ending, destroying."""
