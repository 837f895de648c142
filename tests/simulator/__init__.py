"""A shop for a machine without internet: Amazon, Audible and the CDN in one program.

Unmodified clients reach it through HTTPS_PROXY and SSL_CERT_FILE alone.
"""

from .simulator import Simulator, running_simulator

__all__ = ["Simulator", "running_simulator"]
