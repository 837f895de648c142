"""The page in browsers that are not Chromium; scripts/test --browsers alone."""
