"""A page that runs an exported model inside the browser: nothing is sent anywhere."""
