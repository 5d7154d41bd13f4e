"""A long-poll in Flask: GET /poll waits for what is POSTed to /push."""

from flask import request

from cogen.core.pubsub import PublishSubscribeQueue
from cogen.errors import OperationTimeout
from cogen.web.flask import Flask
from cogen.web.server import Server

room = PublishSubscribeQueue(maxlen=100)
application = Flask(__name__)


@application.get("/poll")
async def poll():
    try:
        messages = await room.fetch(room.subscribe(), timeout=30)
    except OperationTimeout:  # or the server is being stopped
        return "", 204
    return "".join(messages)


@application.post("/push")
def push():
    return f"{room.publish(request.get_data(as_text=True))}\r\n"


if __name__ == "__main__":
    Server(application).run()
