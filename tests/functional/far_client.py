"""What `hosts.Host.client` runs on the other host: says what it is told, and prints what it hears.

Usage: far_client.py ADDRESS PORT HEX ROOM. With a ROOM, the size of its receive buffer, it begins
to read only when it is sent a line.
"""

import os
import socket
import sys

address, port, first, room = sys.argv[1:]
sock = socket.socket()
if int(room):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, int(room))
sock.connect((address, int(port)))
os.write(1, b"connected\n")
sock.sendall(bytes.fromhex(first))
if int(room):
    sys.stdin.readline()
while data := sock.recv(65_536):
    os.write(1, data)
os.write(1, b"\nthe end\n")
