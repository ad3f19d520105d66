"""Records raw PCM in Python: one thread per connection, the wave module.

    python3 tcp-sink.py bare|valid DIR READY_FILE

bare: 64 kB reads, appended as they come; the header is written at the end. The least that Python can do.
valid: reads of 19 200 bytes (the 200 ms chunk that devices of the field send), each leaving a valid header
behind, as recorders of the field do.
"""

import json
import os
import socket
import sys
import threading
import wave


READ_BYTES = {"bare": 65536, "valid": 19200}


def record(connection, path, mode):
    with connection, wave.open(path, "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(16000)
        # writeframes seeks back and rewrites the header for every read, writeframesraw does not.
        write = target.writeframes if mode == "valid" else target.writeframesraw
        while True:
            pcm = connection.recv(READ_BYTES[mode])
            if not pcm:
                return
            write(pcm)


def main():
    mode, directory, ready_file = sys.argv[1:]
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    address = "127.0.0.1:%d" % listener.getsockname()[1]
    with open(ready_file + ".new", "w") as file:
        json.dump({"pid": os.getpid(), "tcp": address}, file)
    os.rename(ready_file + ".new", ready_file)
    count = 0
    while True:
        connection, _ = listener.accept()
        count += 1
        path = os.path.join(directory, "%d.wav" % count)
        threading.Thread(target=record, args=(connection, path, mode), daemon=True).start()


main()
