"""The server's own database: tables, migrations, one module per family of queries."""
