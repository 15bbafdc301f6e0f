"""Rooms with pipes, light, water: scenes for detection."""
