"""The page on which one is a resident."""
