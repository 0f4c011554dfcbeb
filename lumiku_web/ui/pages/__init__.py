"""The platform's own pages, one folder each: page, state, components."""
