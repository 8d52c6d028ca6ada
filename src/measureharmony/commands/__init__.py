"""The commands that have a module of their own, and what they share; :mod:`measureharmony.cli` gathers them."""
