"""Downloads made into plain files that other programs keep: tags, chapters, names."""
