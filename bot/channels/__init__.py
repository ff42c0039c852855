"""The social platforms: for each a channel with the interface of `bot.channels.base`, and the parts it needs."""
