"""Pages of extracts, stopped use and delays, for both sides: who asks, and who decides."""
