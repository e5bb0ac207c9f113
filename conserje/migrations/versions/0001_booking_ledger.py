"""The booking ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "reservation_changes",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("key", sa.String(128), nullable=False, unique=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("conversation", sa.String(255), nullable=False),
        sa.Column("parameters", sa.String, nullable=False),
        sa.Column("marker", sa.String(64), nullable=False, unique=True),
        sa.Column("state", sa.String(16), nullable=False, index=True),
        sa.Column("answer", sa.String(16), nullable=False, index=True),
        sa.Column("token", sa.BigInteger),
        sa.Column("pms_id", sa.String(64)),
        sa.Column("reference", sa.String(64)),
        sa.Column("outcome", sa.String),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.Column("sent_at", moment),
        sa.Column("handed_at", moment),
    )
    op.create_table(
        "reservation_transitions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "change_id",
            sa.String(32),
            sa.ForeignKey("reservation_changes.id"),
            nullable=False,
            index=True,
        ),
        sa.Column("from_state", sa.String(16), nullable=False),
        sa.Column("to_state", sa.String(16), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("token", sa.BigInteger),
        sa.Column("reason", sa.String(64), nullable=False),
    )
    fence = op.create_table(
        "reservation_fence",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("token", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(fence, [{"id": 1, "token": 0}])
