"""The look-alike of the X API v2 and of its webhooks."""
