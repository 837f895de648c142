"""What the server holds: accounts, titles, files; nothing here knows HTTP."""
