"""What people decide: links, conflicts, books, reads and goals; it wins for ever."""
