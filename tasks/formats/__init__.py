"""File formats of tasks: CSV, JSON and iCalendar, written and read. No database, no HTTP.

Writers take tasks as TaskSerializer represents them. Each reader is a function
`read(text, default_zone)` that yields an Entry or a Problem for each task of a file.
"""
