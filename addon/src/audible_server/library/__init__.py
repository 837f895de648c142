"""The titles: what the shop lists, and what lies in the library folder."""
