"""Machinery of the pages: generic lists, forms and errors. Knows no app."""
