"""``python -m measureharmony``."""

from measureharmony.cli import app

app()
