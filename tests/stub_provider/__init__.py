"""A stand-in for the Hugging Face inference router: a real process that speaks its HTTP contract, and fails on demand."""
