"""A long-poll in Django: GET /poll waits for what is POSTed to /push."""

import django
from django.conf import settings
from django.http import HttpResponse
from django.urls import path

from cogen.core.pubsub import PublishSubscribeQueue
from cogen.errors import OperationTimeout
from cogen.web.django import WaitingHandler
from cogen.web.server import Server

room = PublishSubscribeQueue(maxlen=100)


async def poll(request):
    try:
        messages = await room.fetch(room.subscribe(), timeout=30)
    except OperationTimeout:  # or the server is being stopped
        return HttpResponse(status=204)
    return HttpResponse(messages)


async def push(request):  # def would run in a thread, and the room belongs to the loop's
    return HttpResponse(f"{room.publish(request.body)}\r\n")


urlpatterns = [path("poll", poll), path("push", push)]

if not settings.configured:  # a real project has a module of settings
    settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__)
    django.setup()
application = WaitingHandler()

if __name__ == "__main__":
    Server(application).run()
