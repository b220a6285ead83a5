"""The public face: what is kept, who was given it, and the means to check both."""
