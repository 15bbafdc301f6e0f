"""The same work on many machines, by Apache Beam: requirements-beam.txt."""
