"""Drawn animals and vehicles that stand in for CIFAR-10."""
