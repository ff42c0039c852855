"""What Rasa's training cache cannot see by itself: the content of the modules and word lists a component depends on."""

from __future__ import annotations

import hashlib
from pathlib import Path

_HERE = Path(__file__).parent


def fingerprint_of_sources(*modules: str, data: tuple[Path, ...] = ()) -> str:
    """Hash the source of modules of `bot/nlu` and the content of data files, in the order given."""
    digest = hashlib.sha256()
    for path in [_HERE / f"{module}.py" for module in modules] + list(data):
        content = path.read_bytes() if path.is_file() else b""
        digest.update(f"{path.name}:{len(content)}:".encode())
        digest.update(content)
    return digest.hexdigest()
