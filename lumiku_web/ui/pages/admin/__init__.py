"""What an admin sees of the house."""
