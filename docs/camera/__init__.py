"""Takes the pictures of the documentation: `python -m docs.camera`."""
