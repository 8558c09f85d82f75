"""Records that need a person: who deals with them, what would happen, and many at once."""
