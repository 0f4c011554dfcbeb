"""The performance bars: the real product as processes of their own, one load generator, one line a bar."""
