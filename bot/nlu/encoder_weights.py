"""The encoder's published files: found in the packages that hold their parts, joined, unpacked and checked."""

from __future__ import annotations

import hashlib
import io
import json
import math
import struct
import zipfile
import zlib
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

from bot.nlu.encoder_recipe import Part

Floats = np.ndarray[Any, np.dtype[np.float32]]
BLOCK_BYTES = 1 << 20


class PublishedFilesUnusable(RuntimeError):
    """A part of the published files is missing, or is not what was published; the text names it."""


def part_files(parts: Sequence[Part]) -> list[Path]:
    """Where the installed parts are, all checked by their hash; raises PublishedFilesUnusable naming a bad one."""
    files = []
    for part in parts:
        try:
            file = Path(str(distribution(part.package).locate_file(part.path)))
        except PackageNotFoundError:
            raise PublishedFilesUnusable(f"the package {part.package} is not installed") from None
        if not file.is_file():
            raise PublishedFilesUnusable(f"the package {part.package} has no file {part.path}")
        with file.open("rb") as stream:
            _expect(hashlib.file_digest(stream, "sha256").hexdigest(), part.sha256, part.path)
        files.append(file)
    return files


class JoinedFiles(io.RawIOBase):
    """Files read as if they were one, without joining them on disk."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._streams = [file.open("rb") for file in files]
        sizes = [file.stat().st_size for file in files]
        self._starts = [0, *accumulate(sizes)]
        self._at = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is, as a zip archive has to be read from its end."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a byte, counted from the start, from here or from the end."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._starts[-1]}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer, at most to the end of the file that the position is in."""
        number = bisect_right(self._starts, self._at) - 1
        if number >= len(self._streams):
            return 0
        stream = self._streams[number]
        stream.seek(self._at - self._starts[number])
        count = stream.readinto(buffer)
        self._at += count
        return count

    def close(self) -> None:
        """Close all files."""
        for stream in self._streams:
            stream.close()
        super().close()


def unpack(files: Sequence[Path], member: str, sha256: str, to: Path) -> None:
    """Write a member of the archive that the files make up; raises PublishedFilesUnusable if it is not the expected."""
    digest = hashlib.sha256()
    try:
        with (
            io.BufferedReader(JoinedFiles(files), BLOCK_BYTES) as joined,
            zipfile.ZipFile(joined) as archive,
            archive.open(member) as source,
            to.open("wb") as target,
        ):
            while block := source.read(BLOCK_BYTES):
                digest.update(block)
                target.write(block)
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError) as error:
        raise PublishedFilesUnusable(f"{member} cannot be unpacked: {error}") from error
    _expect(digest.hexdigest(), sha256, member)


@dataclass(frozen=True)
class Tensor:
    """Where a float32 tensor stands in its file."""

    shape: tuple[int, ...]
    offset: int
    """Of its first byte in the file."""

    @property
    def count(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)


class Weights:
    """The tensors of a safetensors file, read from disk as they are asked for.

    Args:
        file: begins with the length of its table (8 bytes, little-endian), then the table in JSON, then the numbers.

    Raises:
        PublishedFilesUnusable: it is no such file, or holds a tensor that is not float32.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.tensors: dict[str, Tensor] = {}
        try:
            with file.open("rb") as stream:
                (length,) = struct.unpack("<Q", stream.read(8))
                table = json.loads(stream.read(min(length, file.stat().st_size)))
            for name, entry in table.items():
                # Besides weights it lists the numbers of the positions, which are known, and words on the file itself.
                if entry.get("dtype") == "F32":
                    start = 8 + length + entry["data_offsets"][0]
                    self.tensors[name] = Tensor(tuple(entry["shape"]), start)
        except (struct.error, ValueError, KeyError, AttributeError) as error:
            raise PublishedFilesUnusable(f"{file.name} is no safetensors file: {error}") from error

    def __getitem__(self, name: str) -> Floats:
        """The numbers of a tensor, read-only; raises PublishedFilesUnusable when the file has none of that name."""
        tensor = self.tensor(name)
        return np.memmap(self.file, "<f4", "r", tensor.offset, tensor.shape)

    def tensor(self, name: str) -> Tensor:
        """Where a tensor stands; raises PublishedFilesUnusable when the file has none of that name."""
        try:
            return self.tensors[name]
        except KeyError:
            raise PublishedFilesUnusable(f"{self.file.name} has no {name}") from None


def _expect(found: str, expected: str, name: str) -> None:
    if found != expected:
        raise PublishedFilesUnusable(f"{name} has SHA-256 {found}, expected {expected}")
