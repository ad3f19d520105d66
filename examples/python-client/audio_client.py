#!/usr/bin/env python3
"""Streams 16-bit mono audio to an audio receiver: IMA ADPCM over WebSocket, acknowledged.

What the receiver has not on its disk is kept and sent again, so a broken network or a restarted receiver loses
nothing. Python 3.9 or newer, nothing but its standard library.

    python3 audio_client.py speech.wav ws://localhost:5096/ws/kitchen
    arecord -f S16_LE -r 16000 -c 1 -t raw | python3 audio_client.py - ws://localhost:5096/ws/kitchen
"""

import argparse
import base64
import hashlib
import os
import random
import select
import socket
import ssl
import struct
import sys
import time
import wave
from array import array
from collections import deque
from urllib.parse import quote, urlsplit

ACK_SUBPROTOCOL = "audio-ack.v1"
ADPCM_MAGIC, ACK_MAGIC, HANDSHAKE_MAGIC = 0x41445046, 0x464B4341, 0x41445043
FRAME_SECONDS = 0.02
MOST_KEPT = 50 * 60  # frames: a minute; then the input waits
LONGEST_MESSAGE = 65_535
LONGEST_PAUSE = 30.0
SILENCE_SECONDS = 60.0  # no acknowledgement and no ping for so long: the connection is dead

STEPS = [7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97,
         107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724, 796,
         876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026, 4428,
         4871, 5358, 5894, 6484, 7132, 7845, 8630, 9493, 10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385,
         24623, 27086, 29794, 32767]
STEP_CHANGES = [-1, -1, -1, -1, 2, 4, 6, 8]


class Refused(Exception):
    """The receiver said no, and would say it again."""


class ImaEncoder:
    """The IMA reference coder, mono; its state goes on from block to block."""

    def __init__(self):
        self.predictor = 0
        self.step_index = 0

    def encode(self, samples):
        """One block: the state before its first sample, then two samples a byte, the earlier one in the low nibble."""
        block = bytearray(struct.pack("<hBx", self.predictor, self.step_index))
        nibbles = [self._nibble(sample) for sample in samples]
        if len(nibbles) % 2:
            nibbles.append(0)
        block.extend(low | high << 4 for low, high in zip(nibbles[::2], nibbles[1::2]))
        return bytes(block)

    def _nibble(self, sample):
        step = STEPS[self.step_index]
        distance = sample - self.predictor
        nibble = 8 if distance < 0 else 0
        distance = abs(distance)
        difference = step >> 3
        for bit in (4, 2, 1):
            if distance >= step:
                nibble |= bit
                distance -= step
                difference += step
            step >>= 1
        predictor = self.predictor - difference if nibble & 8 else self.predictor + difference
        self.predictor = max(-32768, min(32767, predictor))
        self.step_index = max(0, min(88, self.step_index + STEP_CHANGES[nibble & 7]))
        return nibble


class WebSocket:
    """As much of RFC 6455 as a device needs: binary messages out, short ones in."""

    def __init__(self, url, token, timeout=10.0):
        parts = urlsplit(url)
        if parts.scheme not in ("ws", "wss") or parts.hostname is None:
            raise Refused(f"{url}: an address is ws://HOST:PORT/ws/NAME or wss://…")
        self._buffer = b""
        port = parts.port or (443 if parts.scheme == "wss" else 80)
        plain = socket.create_connection((parts.hostname, port), timeout)
        secure = parts.scheme == "wss"
        self.socket = ssl.create_default_context().wrap_socket(plain, server_hostname=parts.hostname) if secure else plain
        try:
            self._upgrade(parts, token)
        except BaseException:
            self.socket.close()
            raise

    def _upgrade(self, parts, token):
        key = base64.b64encode(os.urandom(16)).decode()
        path = quote(parts.path or "/", safe="/%") + (f"?{parts.query}" if parts.query else "")
        lines = [f"GET {path} HTTP/1.1", f"Host: {parts.netloc.rpartition('@')[2]}", "Upgrade: websocket",
                 "Connection: Upgrade", f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13",
                 f"Sec-WebSocket-Protocol: {ACK_SUBPROTOCOL}"]
        if token:
            lines.append(f"Authorization: Bearer {token}")
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        while b"\r\n\r\n" not in self._buffer:
            self._receive()
        head, self._buffer = self._buffer.split(b"\r\n\r\n", 1)
        status = head.decode("latin-1").split("\r\n")[0]
        proof = base64.b64encode(hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest())
        if " 101 " in status and proof in head and ACK_SUBPROTOCOL.encode() in head:
            return
        if " 503 " in status or " 429 " in status:
            raise ConnectionError(status)  # too many connections, or the disk is full: later it may be better
        raise Refused(f"the receiver answers {status}")

    def _receive(self):
        data = self.socket.recv(4096)
        if not data:
            raise ConnectionError("the connection was closed")
        self._buffer += data
        if len(self._buffer) > 2 * LONGEST_MESSAGE:
            raise ConnectionError("the receiver sends more than it may")

    def send(self, payload, opcode=2):
        length = len(payload)
        head = bytes([0x80 | opcode, 0x80 | length]) if length < 126 else struct.pack(">BBH", 0x80 | opcode, 0xFE, length)
        mask = os.urandom(4)
        long_mask = int.from_bytes((mask * (length // 4 + 1))[:length], "big")
        masked = (int.from_bytes(payload, "big") ^ long_mask).to_bytes(length, "big")
        self.socket.sendall(head + mask + masked)

    def messages(self, wait_seconds):
        """What has come, waiting at most so long for the first; pings are answered on the way."""
        if not self._has_message() and not select.select([self.socket], [], [], wait_seconds)[0]:
            return
        if not self._has_message():
            self._receive()
        while self._has_message():
            opcode, payload = self._take()
            if opcode == 9:
                self.send(payload, 10)
            elif opcode == 8:
                raise self._closed(payload)
            yield opcode, payload

    def _size(self):
        """Bytes of the head and of the payload of the first message, as far as they are known."""
        if len(self._buffer) < 2:
            return None
        length = self._buffer[1]
        if length < 126:
            return 2, length
        if length == 127:
            raise ConnectionError("the receiver sends more than it may")
        return (4, struct.unpack_from(">H", self._buffer, 2)[0]) if len(self._buffer) >= 4 else None

    def _has_message(self):
        size = self._size()
        return size is not None and len(self._buffer) >= sum(size)

    def _take(self):
        head, length = self._size()
        opcode, payload = self._buffer[0] & 15, self._buffer[head:head + length]
        self._buffer = self._buffer[head + length:]
        return opcode, payload

    @staticmethod
    def _closed(payload):
        code = struct.unpack_from(">H", payload)[0] if len(payload) >= 2 else 1005
        text = f"closed with {code} {payload[2:].decode(errors='replace')}".strip()
        return Refused(text) if code in (1003, 1008, 1009, 4103) else ConnectionError(text)

    def close(self):
        try:
            self.send(struct.pack(">H", 1000), 8)
        finally:
            self.socket.close()


class Sender:
    """Frames in order, kept until the receiver has them on its disk, over any number of connections."""

    def __init__(self, url, sample_rate, stream_id=1, token=None, log=print):
        self.url, self.token, self.log = url, token, log
        self.frame_samples = max(1, round(sample_rate * FRAME_SECONDS))
        self.session = int(time.time() * 1000)
        self.handshake = struct.pack("<IHHIIHHHHQ", HANDSHAKE_MAGIC, 1, 32, stream_id, sample_rate, 1, 1,
                                     self.frame_samples, 0, self.session)
        self.kept = deque()  # (seq, message)
        self.next_seq = self.sent = self.acknowledged = 0
        self.socket = None
        self.heard = 0.0
        self.pauses = 0

    def add(self, samples, encoder):
        block = encoder.encode(samples)
        self.kept.append((self.next_seq, struct.pack("<III", ADPCM_MAGIC, len(block), self.next_seq) + block))
        self.next_seq += 1

    def turn(self, wait_seconds):
        """Connects, sends, listens: whatever is next. Waits at most some seconds."""
        try:
            if self.socket is None:
                self._connect()
            self._listen(0)
            while self.sent < self.next_seq:
                self.socket.send(self.kept[self.sent - self.kept[0][0]][1])
                self.sent += 1
            self._listen(wait_seconds)
            if time.monotonic() - self.heard > SILENCE_SECONDS:
                raise ConnectionError(f"nothing heard for {SILENCE_SECONDS:.0f} s")
        except OSError as error:
            self._lost(error)

    def _connect(self):
        self.socket = WebSocket(self.url, self.token)
        self.heard = time.monotonic()
        self.socket.send(self.handshake)
        self.sent = None
        while self.sent is None:  # the first acknowledgement says where to go on
            self._listen(1.0)
            if time.monotonic() - self.heard > SILENCE_SECONDS:
                raise ConnectionError("no acknowledgement")
        self.pauses = 0

    def _listen(self, wait_seconds):
        for opcode, payload in self.socket.messages(wait_seconds):
            self.heard = time.monotonic()
            if opcode == 2 and len(payload) == 16:
                self._take_acknowledgement(*struct.unpack("<IIQ", payload))

    def _take_acknowledgement(self, magic, next_seq, session):
        if magic != ACK_MAGIC or session != self.session:
            return
        self.acknowledged = max(self.acknowledged, min(next_seq, self.next_seq))
        while self.kept and self.kept[0][0] < self.acknowledged:
            self.kept.popleft()
        if self.sent is None or self.sent < self.acknowledged:
            self.sent = self.acknowledged

    def _lost(self, error):
        if self.socket is not None:
            self.socket.socket.close()
        self.socket, self.sent = None, self.acknowledged
        pause = min(LONGEST_PAUSE, 0.25 * 2 ** self.pauses) * (0.5 + random.random())
        self.pauses += 1
        self.log(f"{error}; again in {pause:.1f} s, {len(self.kept)} frames are kept")
        time.sleep(pause)


def stream(read_samples, sender, encoder=None):
    """Sends everything that `read_samples(count)` gives (an array of int16, empty at the end), until it is on disk."""
    encoder = encoder or ImaEncoder()
    ended = False
    while not ended or sender.acknowledged < sender.next_seq:
        if not ended and len(sender.kept) < MOST_KEPT:
            samples = read_samples(sender.frame_samples)
            ended = len(samples) == 0
            if not ended:
                sender.add(samples, encoder)
        is_waiting = ended or len(sender.kept) >= MOST_KEPT
        sender.turn(0.5 if is_waiting else 0)
    if sender.socket is not None:
        sender.socket.close()


def open_input(name, rate):
    """A function that reads so many samples, and their rate."""
    if name == "-":
        return lambda count: native(sys.stdin.buffer.read(count * 2)), rate
    file = wave.open(name, "rb")
    if file.getsampwidth() != 2 or file.getnchannels() != 1:
        raise Refused(f"{name} has {file.getnchannels()} channels of {file.getsampwidth() * 8} bits; allowed is one of 16")
    return lambda count: native(file.readframes(count)), file.getframerate()


def native(raw):
    samples = array("h", raw[:len(raw) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def main():
    parser = argparse.ArgumentParser(description="streams 16-bit mono audio to an audio receiver")
    parser.add_argument("input", help="a WAV file, or - for raw samples from standard input")
    parser.add_argument("url", help="ws://HOST:5096/ws/NAME")
    parser.add_argument("--rate", type=int, default=16000, help="Hz of standard input (default 16000)")
    parser.add_argument("--stream-id", type=int, default=1)
    parser.add_argument("--token", default=os.environ.get("AUDIO_TOKEN"), help="default: the environment's AUDIO_TOKEN")
    words = parser.parse_args()
    try:
        read_samples, rate = open_input(words.input, words.rate)
        sender = Sender(words.url, rate, words.stream_id, words.token, lambda line: print(line, file=sys.stderr))
        stream(read_samples, sender)
    except (OSError, EOFError, wave.Error, Refused) as error:
        sys.exit(f"audio_client: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    seconds = sender.next_seq * sender.frame_samples / rate
    print(f"{sender.next_seq} frames, about {seconds:.1f} s of audio, all acknowledged")


if __name__ == "__main__":
    main()
