"""Practice bank."""
