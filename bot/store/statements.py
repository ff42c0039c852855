"""Statements that every message needs, built once: building them costs SQLAlchemy more than running them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningInsert

from bot.store.tables import Base

Insert = sqlite.Insert | postgresql.Insert


def table(model: type[Base]) -> Table:
    """The table of a model: statements on it skip what SQLAlchemy does for objects."""
    return cast(Table, model.__table__)


def insert(
    session: AsyncSession, model: type[Base], finish: Callable[[Insert], ReturningInsert[Any]]
) -> ReturningInsert[Any]:
    """The dialect's own INSERT, which knows ON CONFLICT, completed by `finish`; built once for each `finish`."""
    return _built(session.get_bind().dialect.name, model, finish)


@cache
def _built(
    dialect: str, model: type[Base], finish: Callable[[Insert], ReturningInsert[Any]]
) -> ReturningInsert[Any]:
    begin: Any = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return finish(begin(table(model)))
