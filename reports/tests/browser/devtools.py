"""A browser at the other end of a pair of pipes, spoken to in the DevTools protocol. Only the standard library is needed."""

import fcntl
import json
import os
import select
import subprocess
import tempfile
import time

# How long any answer may take, in seconds.
PATIENCE = 60


class Browser:
    """A headless Chromium with a profile of its own, which is gone when it is closed."""

    def __init__(self, program):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        child_reads, self.out = os.pipe()
        self.into, child_writes = os.pipe()
        # Out of the way of 3 and 4, which is where Chromium expects its pipes.
        child_reads, child_writes = (self._high(fd) for fd in (child_reads, child_writes))

        def pipes():
            os.dup2(child_reads, 3)
            os.dup2(child_writes, 4)

        options = ["--headless", "--remote-debugging-pipe", f"--user-data-dir={self.profile.name}",
                   "--no-first-run", "--disable-extensions", "--disable-background-networking", "--disable-gpu",
                   # A width is then what there is for the page, as on a phone.
                   "--hide-scrollbars"]
        if os.geteuid() == 0:
            # Its sandbox refuses to start for root.
            options.append("--no-sandbox")
        # Everything else is closed on exec, as all descriptors of Python are.
        self.process = subprocess.Popen([program, *options, "about:blank"], preexec_fn=pipes, close_fds=False,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(child_reads)
        os.close(child_writes)
        self.received, self.events, self.number = b"", [], 0

    @staticmethod
    def _high(fd):
        moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 20)
        os.close(fd)
        return moved

    def _message(self, deadline):
        while b"\0" not in self.received:
            ready, _, _ = select.select([self.into], [], [], max(0, deadline - time.monotonic()))
            part = os.read(self.into, 1 << 16) if ready else b""
            if not part:
                raise RuntimeError("the browser does not answer" if not ready else "the browser has ended")
            self.received += part
        message, self.received = self.received.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, session=None, **params):
        """Calls a method and returns its result; the events that come meanwhile are kept."""
        self.number += 1
        request = {"id": self.number, "method": method, "params": params}
        if session:
            request["sessionId"] = session
        data = json.dumps(request).encode() + b"\0"
        while data:
            data = data[os.write(self.out, data):]
        deadline = time.monotonic() + PATIENCE
        while True:
            message = self._message(deadline)
            if message.get("id") != self.number:
                self.events.append(message)
            elif "error" in message:
                raise RuntimeError(f"{method}: {message['error']['message']}")
            else:
                return message["result"]

    def wait_for(self, event):
        """Returns once an event of that name is there."""
        deadline = time.monotonic() + PATIENCE
        while all(it.get("method") != event for it in self.events):
            self.events.append(self._message(deadline))

    def close(self):
        self.process.kill()
        self.process.wait()
        self.profile.cleanup()
