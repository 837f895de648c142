"""Everything said to Audible; the only package that imports the library ``audible``."""
