"""The tracker's database, on SQLite or PostgreSQL: one schema, one set of queries.

``open_store`` (database.py) brings the database up to date. The modules named after
what they keep (titles, books, reads, …) take a connection of ``Store.transaction`` or
``Store.reading``; values in and out are the frozen records of records.py. ``engine``,
``migrate`` and ``types`` know no book and can serve another database as well.
"""
