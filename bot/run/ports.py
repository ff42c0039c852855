"""Finding out whether a port is free, and picking ones for what only this machine talks to."""

from __future__ import annotations

import errno
import random
import socket

from bot.run.errors import RunError
from bot.run.plan import LOOPBACK, Ports

INTERNAL = range(20_000, 30_000)
"""Below the range from which systems take ports for outgoing connections: none of those can be in the way when a
process that died wants its port back."""
HIGHEST = 65_535


def is_free(port: int) -> bool:
    """Whether a process could listen there now; raises RunError when the system does not allow it at all."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise RunError(f"port {port} cannot be used: {error.strerror}.") from None
    return True


def choose(port: int, sandbox: bool) -> Ports:
    """The asked-for port, the sandbox's after it, and two free ones inside; raises RunError when one is taken."""
    if sandbox and port + 1 > HIGHEST:
        raise RunError(
            f"the sandbox takes the port after {port}, and there is none: choose a lower one with --port."
        )
    if not is_free(port):
        raise RunError(f"port {port} is taken: stop what uses it, or choose another with --port.")
    if sandbox and not is_free(port + 1):
        raise RunError(
            f"port {port + 1}, which the sandbox takes, is taken: stop what uses it, or choose another with --port."
        )
    rasa, actions = _free_ports(2, {port, port + 1})
    return Ports(service=port, sandbox=port + 1 if sandbox else None, rasa=rasa, actions=actions)


def _free_ports(count: int, besides: set[int]) -> list[int]:
    found: list[int] = []
    for port in random.sample(INTERNAL, len(INTERNAL)):
        if port not in besides and is_free(port):
            found.append(port)
            if len(found) == count:
                return found
    raise RunError(f"no free port between {INTERNAL.start} and {INTERNAL.stop}.")
