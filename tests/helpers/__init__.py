"""What several tests share: small sets, small models, clients; and where the course is."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
