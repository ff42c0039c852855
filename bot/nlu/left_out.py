"""Keeps large packages that this bot does not use out of a Rasa process.

Rasa 3.6 imports TensorFlow as soon as `rasa.core.agent` is imported, whatever the pipeline (several seconds,
about 400 MB), and the client libraries of all its channels and stores (three seconds more).
`leave_out_unused()` puts stand-ins in their place: modules may import names from them and derive classes, but
`LeftOut` is raised as soon as one of them is put to work. Call it before the first import of `rasa`.
"""

from __future__ import annotations

import abc
import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Sequence
from typing import Any, ClassVar

_PACKAGES = frozenset(
    {
        "tensorflow", "tensorflow_text", "tensorflow_hub", "tensorflow_addons", "keras",
        "boto3", "botocore", "pymongo", "slack_sdk", "telebot", "twilio", "webexteamssdk", "mattermostwrapper",
    }
)  # fmt: skip


class LeftOut(RuntimeError):
    """Something needs a package that this process runs without."""


class _StandInType(abc.ABCMeta):
    """Answers every attribute of a stand-in class with a stand-in, as a module of classes would."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _stand_in(name)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and isinstance(args[0], types.FunctionType) and not kwargs:
            return args[0]  # used as a decorator while a module is being imported
        if cls.__dict__.get("stands_in"):
            return cls  # a decorator with arguments, or a constant made while a module is being imported
        raise LeftOut(
            f"{cls.__name__} needs a package that this process runs without: see bot/nlu/left_out.py"
        )


def _stand_in(name: str) -> type:
    return _StandInType(name, (), {"stands_in": True})


class _StandInModule(types.ModuleType):
    __path__: ClassVar[list[str]] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _stand_in(name)


class _StandInFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] in _PACKAGES:
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        module = _StandInModule(spec.name)
        module.__dict__["__version__"] = "2.12.0"
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing to run: the attributes are made as they are asked for."""


def leave_out_unused() -> None:
    """Let imports of these packages give stand-ins from now on. What is imported already stays; calling
    again changes nothing.
    """
    if not any(isinstance(finder, _StandInFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _StandInFinder())
