"""Practice payment gateway."""
