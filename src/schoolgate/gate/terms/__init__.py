"""What an agreement allows of it: policy's ruling, the rows, whom a read leaves out, rows about too few pupils."""
