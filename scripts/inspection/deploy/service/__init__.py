"""A page and a JSON API that ask a trained model about a picture."""
