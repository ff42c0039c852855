"""What the lesser commands of ./signpost do: one module each."""
