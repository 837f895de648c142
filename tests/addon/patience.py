"""How long tests wait for what must happen; the machine may have other work as well."""

from typing import Final

SOON_S: Final = 60.0
"""For what takes no time at all where nobody else works."""

GONE_S: Final = 4.0
"""For the end of a process: at once, and within a second on a machine at rest."""
