"""How fast the tracker is: syncs of large libraries, matching, the event loop."""
