"""Imports libraries before a measured start: Python runs it first of all.

It is put where it is found as ``sitecustomize``, beside ``imports.json``, their names.
"""

import contextlib
import importlib
import json
import sys
from pathlib import Path

# It has to be the first to name the library that is httpx.
import homeassistant  # noqa: F401

_names = Path(__file__).with_name("imports.json")
for _name in json.loads(_names.read_text()) if _names.exists() else []:
    if _name not in sys.modules:
        # Some names are made by other modules and cannot be asked for.
        with contextlib.suppress(ImportError):
            importlib.import_module(_name)
