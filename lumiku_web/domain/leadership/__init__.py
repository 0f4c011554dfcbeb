"""Who of many equal processes does what only one should do."""
