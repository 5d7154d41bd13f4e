"""`make bench`: the speed of cogen and ChatApp beside their peers, all in one run.

Nothing here is installed, imported by the server or asserted in a test; see README.md.
"""
