"""Everything is killed while people order pictures, and every order still ends exactly once."""
