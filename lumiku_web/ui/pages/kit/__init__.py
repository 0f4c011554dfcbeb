"""The hidden page of pieces."""
