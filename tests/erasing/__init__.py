"""What the custodian destroys: an erased child is nowhere, and everybody else is where they were."""
