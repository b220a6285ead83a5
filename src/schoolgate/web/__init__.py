"""The web faces."""
