"""What is kept for how long, and its removal in the background."""
