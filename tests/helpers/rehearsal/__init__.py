"""Full mode without a network: stand-ins on a server, and kernels that ask only it."""
