"""The business. Every package has the same rooms, only those it needs: models schemas errors policy ports repository service."""
