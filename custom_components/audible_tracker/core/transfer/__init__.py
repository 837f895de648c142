"""Files into the tracker and out of it: preview, import, undo, export."""
