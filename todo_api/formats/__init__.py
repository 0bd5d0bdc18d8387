"""The formats of dates and times in pages, which Django finds by FORMAT_MODULE_PATH."""
