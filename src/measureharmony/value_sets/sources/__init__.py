"""The files in which people hold codes: spreadsheets and text tables of several layouts, read as one kind of table."""
