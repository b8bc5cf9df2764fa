import { Controller } from "@hotwired/stimulus"
import NetworkProbe, { LoggedOut } from "lib/network_probe"
import { duration, figures, verdictWith } from "lib/network_verdict"
import Polling from "turbo/polling"
import probeSending from "lib/sending_probe"
import { logIn } from "lib/session"

const TICK = 250 // ms
const QUICK = 4 // s
const MARGIN = 1 // s in which the answer begins and ends
const ELSEWHERE = "Something on your network leads to another page, perhaps one where it wants you to log in. Open another site to see it."

// Measures what the network does to a stream, at once and again on request, and says so. The words are in the page's
// templates, one for each kind of verdict; `data-slot` is where a number goes.
export default class extends Controller {
  static targets = ["verdict", "words", "figure", "mode", "progress", "step", "bar"]
  static values = { url: String, heartbeat: Number } // heartbeat: seconds

  connect() {
    this.quick()
  }

  disconnect() {
    this.end()
  }

  quick() {
    this.run([])
  }

  // Tests a silence as long as our heartbeat, and a much longer one.
  thorough() {
    this.run([this.heartbeatValue, this.heartbeatValue * 3])
  }

  async run(silences) {
    this.end()
    const { signal } = (this.abort = new AbortController())
    const probe = new NetworkProbe({ url: this.urlValue, signal })
    try {
      await this.test(probe, silences)
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof LoggedOut)) throw error
      if ((await logIn()) || signal.aborted) return
      this.show("blocked", { trouble: ELSEWHERE })
    }
    if (this.abort.signal === signal) this.end()
  }

  async test(probe, silences) {
    this.show("testing")
    this.showMode()
    this.count("Listening to four events, one a second", QUICK, sum(silences.map((seconds) => seconds + MARGIN)))
    const [{ measurement, verdict }, sending] = await Promise.all([probe.quick(), probeSending(this.urlValue, probe.signal)])
    this.showFigures(measurement)
    this.figure("sending", sending)
    if (silences.length === 0 || verdict.kind === "blocked") return this.show(verdict.kind, verdict)
    this.show("testing-silence")
    const cut = await this.listenToSilence(probe, silences)
    // Holding streams back is the worse trouble: polling has short answers, which no cut meets.
    const result = cut && (verdict.kind === "streaming" || cut.kind === "blocked") ? cut : verdict
    const { kind, ...values } = verdictWith(this.heartbeatValue, result)
    this.show(kind, values)
  }

  async listenToSilence(probe, silences) {
    for (const seconds of silences) {
      this.count(`Listening to ${seconds} seconds of silence`, seconds, sum(silences.filter((later) => later > seconds)))
      const cut = await probe.silence(seconds)
      this.figure("silence", cut ? `${seconds} s: not passed` : `${seconds} s: passed`)
      if (cut) return cut
    }
    return null
  }

  show(kind, values = {}) {
    const words = this.wordsTargets.find((template) => template.dataset.kind === kind).content.cloneNode(true)
    for (const slot of words.querySelectorAll("[data-slot]")) slot.textContent = text(values[slot.dataset.slot])
    this.verdictTarget.dataset.kind = kind
    this.verdictTarget.replaceChildren(words)
  }

  showFigures(measurement) {
    const { first, spread, sentSpread, latest, lasted } = figures(measurement)
    this.figure("first", duration(first))
    this.figure("spread", spread === null ? "–" : `${duration(spread)} (sent over ${duration(sentSpread)})`)
    this.figure("latest", duration(latest))
    this.figure("events", `${measurement.events.length} of ${measurement.expected}`)
    this.figure("lasted", duration(lasted))
    this.figure("silence", "not tested")
    this.figure("via", measurement.via ?? "none")
    this.figure("encoding", measurement.encoding ?? "no")
  }

  // Shows what the chats of this tab have found out for themselves.
  showMode() {
    const { state } = new Polling()
    for (const mode of this.modeTargets) mode.hidden = mode.dataset.mode !== state
  }

  figure(name, text) {
    this.figureTargets.find((figure) => figure.dataset.name === name).textContent = text
  }

  // A part of the test begins. It takes `seconds`, and `left` seconds come after it.
  count(step, seconds, left) {
    clearInterval(this.timer)
    const bar = this.barTarget
    const before = this.progressTarget.hidden ? 0 : bar.value
    const startedAt = Date.now()
    bar.max = before + seconds + left
    this.timer = setInterval(() => (bar.value = before + Math.min(seconds, (Date.now() - startedAt) / 1000)), TICK)
    this.stepTarget.textContent = `${step}…`
    this.progressTarget.hidden = false
  }

  end() {
    this.abort?.abort()
    clearInterval(this.timer)
    this.progressTarget.hidden = true
    this.barTarget.value = 0
  }
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0)
}

function text(value) {
  return typeof value === "number" ? value.toFixed(value < 10 ? 1 : 0).replace(/\.0$/, "") : value
}
