"""Invented people: how they look. A platform domain, so that every app can use the same people."""
