"""What happens to a message: stored, understood, decided about, answered, sent - once, in order, durably."""
