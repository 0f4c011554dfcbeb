"""One folder an app, found by its manifest. An app knows the two doors and nothing else of the house."""
