"""What changed for whom, in a sequence of its own for each member."""
