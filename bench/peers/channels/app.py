"""Django Channels with its layer in memory, on uvicorn: one group, and everybody in it."""

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpResponse
from django.urls import path

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from channels.routing import ProtocolTypeRouter, URLRouter

LAYER = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
settings.configure(SECRET_KEY="bench", ROOT_URLCONF=__name__, CHANNEL_LAYERS=LAYER, ALLOWED_HOSTS=["*"])
django.setup()


class Reader(AsyncWebsocketConsumer):
    async def connect(self):
        await self.channel_layer.group_add("chat", self.channel_name)
        await self.accept()
        await self.send("here")

    async def disconnect(self, code):
        await self.channel_layer.group_discard("chat", self.channel_name)

    async def said(self, event):
        await self.send(event["text"])


async def publish(request):
    await get_channel_layer().group_send("chat", {"type": "said", "text": request.body.decode()})
    return HttpResponse("ok")


urlpatterns = [path("publish", publish)]
readers = URLRouter([path("stream", Reader.as_asgi())])
app = ProtocolTypeRouter({"http": get_asgi_application(), "websocket": readers})
