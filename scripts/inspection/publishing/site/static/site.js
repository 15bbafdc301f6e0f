// a page that was opened from a folder may not read others: results come without excerpts
DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = location.protocol !== "file:";
