"""Conversations that need a person: opened with a reason and a due time, listed, closed."""
