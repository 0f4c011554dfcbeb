"""What the application's role may do: everything with rows, nothing with tables, and only add to append-only tables."""

from sqlalchemy import Connection, MetaData, text


def grant_rights(connection: Connection, metadata: MetaData, role: str) -> None:
    """Set the rights of `role` on every table, as their owner. Running it again changes nothing.

    A role that owns the tables itself keeps all rights: then there is only one role, and nothing to grant.
    """
    if connection.execute(text("SELECT current_user")).scalar_one() == role:
        return
    quoted = connection.dialect.identifier_preparer.quote_identifier(role)
    connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {quoted}"))
    for table in metadata.sorted_tables:
        rights = "SELECT, INSERT" if table.info.get("append_only") else "SELECT, INSERT, UPDATE, DELETE"
        connection.execute(text(f'REVOKE ALL ON "{table.name}" FROM {quoted}'))
        connection.execute(text(f'GRANT {rights} ON "{table.name}" TO {quoted}'))
    connection.execute(text(f"GRANT SELECT ON alembic_version TO {quoted}"))
