"""All pictures of a member: the shelves."""
