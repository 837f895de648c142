"""Host applications of the simulated shop, one module per kind of host name."""
