"""sse-starlette on uvicorn: a queue for each reader."""

import asyncio

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from sse_starlette import EventSourceResponse

readers: set[asyncio.Queue] = set()


async def stream(request):
    async def events():
        queue = asyncio.Queue()
        readers.add(queue)
        try:
            while True:
                yield {"data": await queue.get()}
        finally:
            readers.discard(queue)

    return EventSourceResponse(events())


async def publish(request):
    text = (await request.body()).decode()
    for queue in readers:
        queue.put_nowait(text)
    return PlainTextResponse("ok")


app = Starlette(routes=[Route("/stream", stream), Route("/publish", publish, methods=["POST"])])
