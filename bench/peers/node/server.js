// Server-Sent Events by hand: no framework, one buffer for everybody, one write for each reader.
import http from "node:http"

const readers = new Set()

function stream(request, response) {
  response.useChunkedEncodingByDefault = false // one write each; the stream ends with its connection
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-cache", Connection: "close" })
  response.write(": here\n\n")
  response.socket.setNoDelay(true)
  readers.add(response.socket)
  request.on("close", () => readers.delete(response.socket))
}

async function publish(request, response) {
  let text = ""
  for await (const piece of request) text += piece
  const event = Buffer.from(text.split("\n").map((line) => `data: ${line}\n`).join("") + "\n")
  for (const socket of readers) socket.write(event)
  response.end("ok")
}

http.createServer((request, response) => (request.url === "/stream" ? stream : publish)(request, response))
  .listen({ port: process.env.PORT, host: "127.0.0.1", backlog: 2000 })
setInterval(() => readers.forEach((socket) => socket.write(": beat\n\n")), 15_000)
