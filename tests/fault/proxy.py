"""A proxy on a unix socket in front of a Redis that makes the connection misbehave.

It frames commands and replies, so a fault can hit between two of them or in the middle of one. Each connection
has a thread per direction; the switches are read at every frame.
"""
import contextlib
import os
import socket
import threading
import time


def frame_end(data, at=0):
    """Where the RESP value that starts at `at` ends, None while it is incomplete."""
    line = data.find(b"\r\n", at)
    if line < 0:
        return None
    kind, after = data[at:at + 1], line + 2
    if kind in (b"+", b"-", b":"):
        return after
    count = int(data[at + 1:line])
    if kind == b"$":
        end = after if count < 0 else after + count + 2
        return end if end <= len(data) else None
    for _ in range(max(count, 0)):
        after = frame_end(data, after)
        if after is None:
            return None
    return after


class Proxy:
    """open: frames pass; closed: they wait (a frozen Redis). delay: seconds before each frame. refuse: connections
    are closed at once. cut_reply, cut_command: the next of its kind is broken off in the middle, once. error_reply: the next
    reply is this error instead, once.
    watch(side, number, frame): called before frame number `number` of side "command" or "reply" passes, over all
    connections; False drops the connection instead."""

    def __init__(self, path, target):
        self.path, self.target = path, target
        self.open = threading.Event()
        self.open.set()
        self.delay, self.refuse, self.cut_reply, self.cut_command, self.error_reply = 0.0, False, False, False, None
        self.watch = None
        self.counts = {"command": 0, "reply": 0}
        self.lock, self.pairs, self.ended = threading.Lock(), [], False
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(path)
        self.listener.listen(64)
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def accept(self):
        while not self.ended:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                if self.refuse:
                    raise ConnectionRefusedError
                server.connect(self.target)
            except OSError:
                client.close()
                server.close()
                continue
            pair = (client, server)
            with self.lock:
                self.pairs.append(pair)
            for source, sink, side in ((client, server, "command"), (server, client, "reply")):
                threading.Thread(target=self.pump, args=(pair, source, sink, side), daemon=True).start()

    def drop(self, pair):
        with self.lock:
            if pair in self.pairs:
                self.pairs.remove(pair)
        for one in pair:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def drop_all(self):
        with self.lock:
            pairs = list(self.pairs)
        for pair in pairs:
            self.drop(pair)

    def pass_frame(self, frame, sink, side):
        """False: the connection ends here."""
        self.open.wait()
        if self.delay:
            time.sleep(self.delay)
        if side == "reply" and self.cut_reply:
            self.cut_reply = False
            sink.sendall(frame[:len(frame) // 2])
            return False
        if side == "reply" and self.error_reply:
            frame, self.error_reply = b"-%s\r\n" % self.error_reply, None
        if side == "command" and self.cut_command:
            self.cut_command = False
            sink.sendall(frame[:len(frame) // 2])
            return False
        with self.lock:
            self.counts[side] += 1
            number = self.counts[side]
        if self.watch and not self.watch(side, number, frame):
            return False
        sink.sendall(frame)
        return True

    def pump(self, pair, source, sink, side):
        data = b""
        with contextlib.suppress(OSError):
            while True:
                more = source.recv(1 << 16)
                if not more:
                    break
                data += more
                end = frame_end(data)
                while end is not None:
                    if not self.pass_frame(data[:end], sink, side):
                        return self.drop(pair)
                    data = data[end:]
                    end = frame_end(data) if data else None
        self.drop(pair)
        return None

    def heal(self):
        self.delay, self.refuse, self.cut_reply, self.cut_command, self.error_reply = 0.0, False, False, False, None
        self.open.set()

    def close(self):
        self.ended = True
        self.heal()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.drop_all()
        with contextlib.suppress(OSError):
            os.unlink(self.path)
