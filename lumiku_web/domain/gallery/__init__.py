"""Pictures: made here or brought along."""
