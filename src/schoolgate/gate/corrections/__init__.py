"""A correction is a new fact, and it travels: to the lake, to whoever was given the old value, and to the school."""
