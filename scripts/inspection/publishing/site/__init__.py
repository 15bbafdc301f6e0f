"""The site: notebooks and pages as one book that opens from a folder, offline."""
