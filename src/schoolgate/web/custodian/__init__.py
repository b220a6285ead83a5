"""The custodian's and the panel's pages: what waits for whom, one application, one case, votes, meetings, minutes."""
