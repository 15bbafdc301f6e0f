"""CIFAR-10 as arrays, from every form it comes in."""
