"""Run by Alembic, in the transaction that `conserje.migrations.upgrade` has opened."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table="conserje_migrations",
    transactional_ddl=True,
)
context.run_migrations()
