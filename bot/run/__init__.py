"""`./signpost run`: starts Rasa, the action server, the service and the sandbox, and keeps them running."""
