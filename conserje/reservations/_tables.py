"""The ledger's tables, as the migrations make them."""

from datetime import datetime, timezone
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Integer, MetaData, String, Table
from sqlalchemy.types import TypeDecorator

metadata = MetaData()


class UtcTime(TypeDecorator):  # type: ignore[misc]  # SQLAlchemy 1.4 has no types
    """An aware time; SQLite would forget its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value and value.astimezone(timezone.utc)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value and value.replace(tzinfo=value.tzinfo or timezone.utc)


changes = Table(
    "reservation_changes",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("key", String(128), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("conversation", String(255), nullable=False),
    Column("parameters", String, nullable=False),
    Column("marker", String(64), nullable=False, unique=True),
    Column("state", String(16), nullable=False, index=True),
    Column("answer", String(16), nullable=False, index=True),
    Column("token", BigInteger),
    Column("pms_id", String(64)),
    Column("reference", String(64)),
    Column("outcome", String),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("sent_at", UtcTime),
    Column("handed_at", UtcTime),
)

transitions = Table(
    "reservation_transitions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column(
        "change_id",
        String(32),
        ForeignKey("reservation_changes.id"),
        nullable=False,
        index=True,
    ),
    Column("from_state", String(16), nullable=False),
    Column("to_state", String(16), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("token", BigInteger),
    Column("reason", String(64), nullable=False),
)

fence = Table(
    "reservation_fence",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("token", BigInteger, nullable=False),
)
