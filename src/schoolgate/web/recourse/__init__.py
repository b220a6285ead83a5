"""Families’ cases for staff: the custodian’s queue and steps, and what the overseer sees and says."""
