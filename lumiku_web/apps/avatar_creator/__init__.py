"""Makes portraits of invented people."""
