/**
 * Reads the event stream format piece by piece, as the HTML standard defines it (section "Server-sent events"), and calls
 * `dispatch({ type, data, lastEventId })` for each event as soon as its last line has arrived.
 */
export default class EventStreamParser {
  rest = ""
  data = []
  type = ""
  lastEventId = ""
  begun = false

  constructor(dispatch) {
    this.dispatch = dispatch
  }

  /** The next piece of text, cut anywhere. */
  push(text) {
    if (!this.begun && text) {
      this.begun = true
      text = text.replace(/^\uFEFF/, "")
    }
    const lines = (this.rest + text).split(/\r\n|\n|\r(?!$)/) // a CR at the end may be half of a CRLF
    this.rest = lines.pop()
    lines.forEach((line) => this.line(line))
  }

  line(line) {
    if (line === "") return this.end()
    const [, field, value] = line.match(/^([^:]*)(?:: ?)?(.*)$/su)
    if (field === "data") this.data.push(value)
    else if (field === "event") this.type = value
    else if (field === "id" && !value.includes("\0")) this.lastEventId = value
  }

  end() {
    const { data, type, lastEventId } = this
    this.data = []
    this.type = ""
    if (data.length > 0) this.dispatch({ type: type || "message", data: data.join("\n"), lastEventId })
  }
}
