"""Plain HTTP routes over the same services, free of Reflex."""
