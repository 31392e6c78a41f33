"""The service's database: what was asked, how far it is, what came of it.

SQLite for one machine, PostgreSQL for many.
"""
