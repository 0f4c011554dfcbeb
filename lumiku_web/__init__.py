"""Lumiku: a self-hosted studio for AI avatars. Workers import this package, so nothing is imported here."""
