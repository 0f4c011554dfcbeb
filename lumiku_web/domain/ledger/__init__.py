"""Credits, in double entry: what happened, to whom, and what it makes of a balance. Nothing is ever edited here."""
