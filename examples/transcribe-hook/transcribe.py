#!/usr/bin/env python3
"""Writes down what is said in a recording: runs any program that prints text, and keeps the text.

Standard library only, Python 3.9 or newer, Linux and macOS. For a hook of the receiver:

    transcribe.py AUDIO [--limit=S] [--at-once=N] [--note=URL] -- COMMAND [ARGUMENT ...]

The event comes as JSON on standard input. What COMMAND prints goes into a file beside AUDIO, with .txt for the
extension, and with --note becomes a note of the receiver's as well (login: TRANSCRIBE_LOGIN=user:password).

Exit codes: 0 = the text is there, or there is nothing to do; 1 = failed, to be tried again; 2 = wrong arguments;
75 = others were at work all the time, to be tried again.
"""
import base64
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

MAX_TEXT_BYTES = 1_000_000
MAX_NOTE_CHARACTERS = 2000  # what the receiver takes
LOOK_EVERY_S = 0.2
NOTE_TIMEOUT_S = 15
FAILED, WRONG_ARGUMENTS, BUSY = 1, 2, 75


class Failure(Exception):
    """One line for the log, and an exit code."""

    def __init__(self, message, code=FAILED):
        super().__init__(message)
        self.code = code


def parse_arguments(words):
    """The audio's path, the options, the command."""
    if "--" not in words[1:] or words[-1] == "--":
        raise Failure("usage: transcribe.py AUDIO [--limit=S] [--at-once=N] [--note=URL] -- COMMAND ...", WRONG_ARGUMENTS)
    end = words.index("--")
    options = {"--limit": "280", "--at-once": "1", "--note": ""}
    for word in words[1:end]:
        name, equals, value = word.partition("=")
        if name not in options or not equals:
            raise Failure(f"{word} is none of {', '.join(options)}, each with = and a value", WRONG_ARGUMENTS)
        options[name] = value
    try:
        limit, at_once = float(options["--limit"]), int(options["--at-once"])
    except ValueError:
        raise Failure("--limit is seconds, --at-once a whole number", WRONG_ARGUMENTS) from None
    return words[0], limit, at_once, options["--note"], words[end + 1 :]


def locked(path):
    """The open file, locked; None when another process has it. The system unlocks it, however this one ends."""
    file = open(path, "a+b")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # It may have got another name, or gone, between opening and locking.
        if os.path.samestat(os.fstat(file.fileno()), os.stat(path)):
            return file
    except (BlockingIOError, FileNotFoundError):
        pass  # it is another's, or was: the caller looks again
    file.close()
    return None


def wait_for_one_of(paths, deadline):
    """Locks the first of the files that is free, or becomes it in time."""
    while True:
        for path in paths:
            file = locked(path)
            if file is not None:
                return file
        if time.monotonic() > deadline:
            raise Failure("others were at work all the time", BUSY)
        time.sleep(LOOK_EVERY_S)


def end_all(child):
    """Ends the command, and what it has started: a hook's processes are a group of their own."""
    if os.getpgrp() == os.getpid():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.killpg(0, signal.SIGTERM)
    child.kill()


def output_of(command, deadline):
    """What the command prints, as UTF-8."""
    printed = []

    def read(stream):
        printed.append(stream.read(MAX_TEXT_BYTES + 1))
        stream.close()  # whoever prints more is told so by the system

    try:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    except OSError as error:
        raise Failure(f"{command[0]} cannot be started: {error.strerror}") from None
    reader = threading.Thread(target=read, args=[child.stdout], daemon=True)
    reader.start()
    try:
        status = child.wait(max(0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        end_all(child)
        raise Failure(f"{command[0]} was not done in time") from None
    reader.join(max(0, deadline - time.monotonic()))
    if status != 0:
        raise Failure(f"{command[0]} ended with {status}")
    if not printed or len(printed[0]) > MAX_TEXT_BYTES:
        raise Failure(f"{command[0]} printed without an end")
    text = printed[0].decode("utf-8", "replace").strip()
    return f"{text}\n".encode() if text else b""


def text_of(audio, command, at_once, deadline):
    """The text beside the audio, made if it is not there. Never twice at once, and for no more than N files at once."""
    text_path = os.path.splitext(audio)[0] + ".txt"
    slots = os.path.join(os.environ.get("AUDIO_DATA_DIR", os.path.dirname(audio)), ".transcribe")
    os.makedirs(slots, exist_ok=True)
    slot_paths = [os.path.join(slots, f"slot-{i + 1}") for i in range(at_once)]
    # A receiver that was killed starts a hook again whose program may still run.
    with wait_for_one_of([text_path + ".part"], deadline) as part:
        try:
            if not os.path.exists(text_path):
                with wait_for_one_of(slot_paths, deadline):
                    part.truncate(0)
                    part.write(output_of(command, deadline))
                    part.flush()
                os.fsync(part.fileno())
                os.rename(part.name, text_path)  # whole, or not there
        finally:
            if os.path.exists(part.name):
                os.remove(part.name)
    with open(text_path, encoding="utf-8") as file:
        return file.read().strip()


def ask(url, body=None):
    """JSON of the receiver's web port."""
    login = base64.b64encode(os.environ.get("TRANSCRIBE_LOGIN", "").encode()).decode()
    headers = {"authorization": f"Basic {login}", "content-type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=NOTE_TIMEOUT_S) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise Failure(f"note: {error.code} {error.read(300).decode('utf-8', 'replace')}") from None
    except OSError as error:
        raise Failure(f"note: {error}") from None


def note(web, event, text):
    """A note over the whole segment, once: a hook may be told the same twice."""
    where = {"device": event["device"] or "~", "fromUs": event["segment"]["startUs"], "toUs": event["segment"]["endUs"]}
    query = urllib.parse.urlencode({"device": where["device"], "from": where["fromUs"], "to": where["toUs"]})
    address = web.rstrip("/") + "/api/v1/notes"
    short = text if len(text) <= MAX_NOTE_CHARACTERS else text[: MAX_NOTE_CHARACTERS - 1] + "…"
    if all(known["text"] != short for known in ask(f"{address}?{query}")):
        ask(address, {**where, "text": short})


def main():
    audio, limit, at_once, web, command = parse_arguments(sys.argv[1:])
    event = json.load(sys.stdin) if web else {}
    if not os.path.isfile(audio):
        print(f"{audio} is not here any more")
        return
    text = text_of(audio, command, at_once, time.monotonic() + limit)
    if web and text:
        note(web, event, text)
    print(f"{audio}: {len(text)} characters")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        print(failure, file=sys.stderr)
        sys.stderr.flush()
        os._exit(failure.code)  # not even waiting for a reader that still hangs
