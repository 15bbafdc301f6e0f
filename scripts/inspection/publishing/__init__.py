"""What makes the pages: notebooks run, stored and listed; docs made from the source."""
