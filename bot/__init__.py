"""Signpost's service: takes residents' messages, decides what may be said, says it once."""
