"""What is done in the background: asked for, shared among servers, watched, ended."""
