"""The social platforms: one file for each, all with the interface of `bot.channels.base`."""
