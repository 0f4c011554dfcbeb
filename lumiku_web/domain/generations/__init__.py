"""One paid request (an order) and its items, from submission to the last tile."""
