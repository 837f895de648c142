"""The tracker's migrations: Alembic revisions with one SQL file per kind of database.

A migration is never edited after its release. Statements are divided by blank lines.
"""
