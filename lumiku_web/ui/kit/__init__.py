"""The second door for apps: the pieces that pages are made of."""
