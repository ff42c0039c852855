"""The sandbox: look-alikes of X, the Graph API and a reporting tool, for trying out, rehearsing and testing.

Nothing here is imported by the service, and nothing here imports the service: they meet over HTTP only, as
the service meets the real platforms. All state is in memory and goes when the process ends.
"""

from sandbox.config import SandboxConfig
from sandbox.server import create_app

__all__ = ["SandboxConfig", "create_app"]
