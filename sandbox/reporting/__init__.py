"""The look-alike of a street-problem reporting tool: its pages and its Open311 server."""
