"""The folders in which a member keeps pictures; one kind for all apps."""
