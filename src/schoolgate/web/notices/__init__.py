"""Pages about notices: what happens to the data now, every published notice, and the custodian's pages to make one."""
