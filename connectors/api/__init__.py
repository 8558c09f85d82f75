"""The REST views of this app."""
