"""What the API keeps in its utils: label maps, drawing, configs, features of records."""
