"""The whole product, running: simulated shop, server, Home Assistant, browser."""
