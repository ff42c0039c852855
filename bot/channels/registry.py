"""Which platforms are on: those whose settings are given."""

from __future__ import annotations

from bot.channels.base import Channel, ChannelName
from bot.channels.facebook import facebook_channel
from bot.channels.x import x_channel
from bot.council import Council
from bot.settings import Settings


def channels_from(settings: Settings, council: Council | None = None) -> dict[ChannelName, Channel]:
    """The channels that the settings turn on. `council` tells what people call the Page."""
    channels: dict[ChannelName, Channel] = {}
    if settings.x_configured:
        channels[ChannelName.X] = x_channel(settings)
    if settings.meta_configured:
        names = (council.handles.facebook, council.name, council.short_name) if council else ()
        channels[ChannelName.FACEBOOK] = facebook_channel(settings, names)
    return channels
