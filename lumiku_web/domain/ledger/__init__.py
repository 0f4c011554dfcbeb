"""What an order costs, and where that is kept."""
