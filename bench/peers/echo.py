"""A live element for the rows of the calls; what it does, every peer there does."""

from chatapp.live import CallError, LiveElement, expose


class Echo(LiveElement):
    """Answers calls, and makes some itself."""

    jsClass = "echo.EchoWidget"

    def __init__(self):
        self.made = 0
        self.calling = []

    @expose
    def echo(self, value):
        return value

    @expose
    def start(self, width: int):
        """Call the page, with so many calls in flight, until `stop`."""
        self.going = True
        self.calling = [self.begin(self.call()) for _ in range(width)]

    @expose
    async def stop(self):
        """Gives how many calls were made, when all have their results."""
        self.going = False
        for each in self.calling:
            await each
        return self.made

    def call(self):
        while self.going:
            self.made += 1
            number = self.made
            result = yield self.callRemote("echo", number)
            if result != number:
                raise CallError(f"call {number} gave {result!r}")
