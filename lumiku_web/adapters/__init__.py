"""The outside world, one file per port and technology: <port>_<technology>.py."""
