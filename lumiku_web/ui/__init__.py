"""Everything that Reflex shows. The first floor that may import reflex."""
