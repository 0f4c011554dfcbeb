"""A photograph comes in."""
