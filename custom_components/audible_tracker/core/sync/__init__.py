"""When to ask Audible, and what follows from its answers."""
