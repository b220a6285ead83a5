"""Oversight's pages: what anybody may count and read, what an overseer sees, and the custodian's answers."""
