"""Alembic's folder: the schema's history, run by registry.migrate."""
