"""The gate as a process of its own: what crosses its socket, who may ask for what, and the serving itself."""
