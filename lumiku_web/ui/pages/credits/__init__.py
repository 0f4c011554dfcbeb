"""Credits & plan: what a member has, what can be had, and where every credit went."""
