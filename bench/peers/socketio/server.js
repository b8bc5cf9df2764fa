// socket.io on WebSockets, to everybody who is connected.
import { createRequire } from "node:module"
import http from "node:http"

const { Server } = createRequire(`${process.env.MODULES}/`)("socket.io")

const server = http.createServer(async (request, response) => {
  let text = ""
  for await (const piece of request) text += piece
  io.emit("message", text)
  response.end("ok")
})
const io = new Server(server, { transports: ["websocket"] })
server.listen({ port: process.env.PORT, host: "127.0.0.1", backlog: 2000 })
