"""What the demo and the tests share to run Platen on one machine: free ports, a Kafka node, a development CA.

Standard library only, under the system's own Python (/usr/bin/python3). Everything listens on loopback, keeps its
state in a directory that the caller names, and is stopped by the process id that was started.
"""
