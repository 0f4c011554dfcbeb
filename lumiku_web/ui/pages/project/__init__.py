"""One project: its pictures, and photographs coming in."""
