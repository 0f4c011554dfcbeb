"""A stand-in for Hugging Face's inference router and for Black Forest Labs: one process that speaks both, and fails on demand."""
