"""Practice CRM."""
