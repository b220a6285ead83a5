"""The school's face: a school's own account gives its own pupils' adults the way in, and ends it."""
