"""The look-alike of Meta's Graph API for a Facebook Page, and of its webhooks."""
