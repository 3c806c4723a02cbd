"""A run in the browser: served to this machine alone, read from disk page by page.

shelf.py      which runs and tasks can be seen, and their indexes
building.py   one pass over a task's files makes its index, a SQLite file
index.py      what a page asks of an index
filters.py    what a page shows, as its URL says it
pairs.py      two runs' answers to the same rows
pages.py      URL -> HTML
server.py     who may ask, and how it is answered
"""
